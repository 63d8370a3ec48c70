"""The list screen: filters in the URL, sortable columns, keyset pages, export, empty states.

The same URL answers the whole page or, for htmx, only the part that changes; without JavaScript it is
plain links and a plain form.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from smartbis_admin.ui.bulk.jobs import MOST
from smartbis_admin.ui.bulk.selection import Selectable
from smartbis_admin.ui.export import FORMATS, export_response
from smartbis_admin.ui.filters import POSITION, FilterSet
from smartbis_admin.ui.gate import AccessMixin, Text
from smartbis_admin.ui.journal import note
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.paging import TOTAL_LIMIT, count_up_to_limit, get_page
from smartbis_admin.ui.saved_lists import offered
from smartbis_admin.ui.tables import Table

PAGE_SIZES = (25, 50, 100)
_SIZE_KEY = "page_size"


class ListView(Selectable, AccessMixin):
    """A list of rows. Four lines make a screen: `access`, `queryset`, `table_class`, `filter_class`.

    `resource` names what is mirrored here; then `get_data_age` is asked and its answer shown.
    `actions` are buttons above the list; the first is also what an empty list proposes. `bulk_actions` are
    what can be done with many rows at once.
    """

    abstract = True
    template_name = "ui/list.html"
    queryset: QuerySet[Any]
    table_class: type[Table]
    filter_class: type[FilterSet]
    resource: str | None = None
    actions: ClassVar[tuple[Link, ...]] = ()
    empty_title: Text = _("Nada aqui ainda")
    empty_text: Text = ""

    def get_queryset(self) -> QuerySet[Any]:
        """The rows this person may see, before any filter."""
        return self.queryset.all()

    def get_title(self) -> Text:
        return self.title or capfirst(str(self.model._meta.verbose_name_plural))

    def get_data_age(self) -> datetime | None:
        """When the mirrored rows were last read completely; None: never. Asked only with a `resource`."""
        return None

    def get_table(self, queryset: QuerySet[Any]) -> Table:
        """The table over the filtered rows, in the order the URL asks for."""
        order = self.request.GET.get("sort")
        return self.table_class(queryset, order_by=order, **self.get_table_options())

    def get_table_options(self) -> dict[str, Any]:
        """What else the table is made with."""
        return {}

    @property
    def model(self) -> type[Model]:
        return self.queryset.model

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        filters = self.filter_class(request.GET, queryset=self.get_queryset(), request=request)
        table = self.get_table(filters.qs)
        if request.GET.get("export") in FORMATS:
            return self.export(table, request.GET["export"])
        response = TemplateResponse(
            request, self.get_template_names(), self.get_context_data(table=table, filters=filters)
        )
        patch_vary_headers(response, ["HX-Request"])
        return response

    def export(self, table: Table, kind: str, **details: Any) -> HttpResponseBase:
        """The table as a file, put on record: who took which list, narrowed down by which filters."""
        request = self.request
        match = request.resolver_match
        note(
            request.user,
            "list.exported",
            f"list:{match.view_name if match else ''}",
            format=kind,
            filters=sorted(name for name, value in request.GET.items() if value and name != "export"),
            **{name: str(value) for name, value in (match.kwargs if match else {}).items()},
            **details,
        )
        return export_response(table, str(self.get_title()), kind)

    def get_template_names(self) -> list[str]:
        """Only the changing part for htmx, the whole page otherwise (also when htmx restores history)."""
        htmx = self.request.htmx  # type: ignore[attr-defined]
        return ["ui/list_part.html"] if htmx and not htmx.history_restore_request else [self.template_name]

    def get_page_size(self) -> int:
        """The size the person chose last, in this session."""
        session, asked = self.request.session, self.request.GET.get("per_page", "")
        if asked in map(str, PAGE_SIZES) and session.get(_SIZE_KEY) != int(asked):
            session[_SIZE_KEY] = int(asked)
        size = session.get(_SIZE_KEY)
        return size if size in PAGE_SIZES else PAGE_SIZES[0]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        table: Table = kwargs["table"]
        query, size, ordered = self.request.GET, self.get_page_size(), table.ordered()
        page = get_page(ordered, size=size, after=query.get("after"), before=query.get("before"))
        table.show(page.rows)
        total = count_up_to_limit(ordered)
        acts = self.get_bulk_actions()
        table.pickable = bool(acts)
        return {
            **offered(self.request, table),
            "view": self,
            "page_title": self.get_title(),
            "breadcrumbs": self.get_breadcrumbs(),
            "page": page,
            "next_url": page.next and _with(query, after=page.next),
            "previous_url": page.previous and _with(query, before=page.previous),
            "sizes": [(choice, _with(query, per_page=str(choice))) for choice in PAGE_SIZES],
            "size": size,
            "total": total,
            "total_is_more": total > TOTAL_LIMIT,
            "total_limit": TOTAL_LIMIT,
            "bulk_actions": acts,
            "bulk_most": MOST,
            "exports": [(kind.upper(), _with(query, export=kind)) for kind in FORMATS],
            "actions": [action for action in self.actions if action.is_for(self.request.user)],
            "filter_is_asking": self.request.htmx.trigger == "filters",  # type: ignore[attr-defined]
            "data_age": self.get_data_age() if self.resource else None,
            **kwargs,
        }


def _with(query: Any, **changes: str) -> str:
    """The query string with these parameters and without any other position, beginning with `?`."""
    rest = query.copy()
    for name in (*POSITION, "export"):
        rest.pop(name, None)
    for name, value in changes.items():
        rest[name] = value
    return f"?{rest.urlencode()}"
