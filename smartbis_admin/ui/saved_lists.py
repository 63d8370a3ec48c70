"""Named views of a list and chosen columns: kept per person, offered above the list.

Knows lists by the names of their addresses only. A list whose address takes arguments has neither.
"""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, QueryDict

from smartbis_admin.ui.filters import POSITION
from smartbis_admin.ui.models import ChosenColumns, SavedView
from smartbis_admin.ui.tables import Table

_NOT_KEPT = (*POSITION, "export", "per_page")


def screen_of(request: HttpRequest) -> str:
    """The list's name; empty where nothing can be kept about it."""
    match = request.resolver_match
    return "" if match is None or match.kwargs else match.view_name


def kept_query(query: QueryDict) -> str:
    """What a named view keeps of an address: filters and order."""
    rest = query.copy()
    for name in _NOT_KEPT:
        rest.pop(name, None)
    for name in [name for name in rest if not any(rest.getlist(name))]:
        del rest[name]
    return rest.urlencode()


def offered(request: HttpRequest, table: Table) -> dict[str, Any]:
    """What stands above a list: its named views and the columns to choose from. Hides what was not chosen.

    Two queries, whatever the size of the list.
    """
    screen = screen_of(request)
    if not screen:
        return {}
    choices = [column for column in table.columns if column.visible]
    row = ChosenColumns.objects.filter(user=request.user.pk, screen=screen).first()
    chosen = set(row.columns) if row else {column.name for column in choices}
    columns = []
    for position, column in enumerate(choices):
        # The first column leads to the row; it always stays.
        shown = position == 0 or column.name in chosen
        columns.append({"name": column.name, "label": column.header, "shown": shown, "fixed": position == 0})
        if not shown:
            table.columns.hide(column.name)
    current = kept_query(request.GET)
    rows = SavedView.objects.filter(Q(user=request.user.pk) | Q(is_shared=True), screen=screen)
    views = [
        {"view": view, "current": view.query == current, "own": view.user_id == request.user.pk}
        for view in rows
    ]
    return {
        "screen": screen,
        "saved_views": views,
        "column_choices": columns,
        "current_query": current,
        "current_view": next((entry for entry in views if entry["current"]), None),
    }
