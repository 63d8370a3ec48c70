"""The one search box of every page. Domains register searchers; this asks those a person may use.

Knows no domain. What is typed is posted, so that no address holds a CPF or a code.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import SIGNED_IN, Access
from smartbis_admin.ui.gate import AccessMixin
from smartbis_admin.ui.navigation import may

#: A text shorter than this fits too much to be worth a search.
SHORTEST = 2
#: Results shown of each kind.
FEW = 5


class Hit(NamedTuple):
    """One result: what it is called, a few words more (masked where it must be), where it leads."""

    title: str
    text: str
    url: str


class Searcher(NamedTuple):
    """One kind of thing that can be found. `find` gets the person and the text, and gives up to `FEW` hits.

    It must be answered by an index at any size and mask what the person may not see.
    """

    label: str | Promise
    icon: str
    access: Access
    find: Callable[[Any, str], list[Hit]]


class Group(NamedTuple):
    """What one searcher found."""

    label: str | Promise
    icon: str
    hits: list[Hit]


_SEARCHERS: list[Searcher] = []


def register(searcher: Searcher) -> None:
    """Make one more kind of thing findable. Called by the `searchers` module of an app."""
    _SEARCHERS.append(searcher)


def find(user: Any, text: str) -> list[Group]:
    """What fits a text, in groups, as far as this person may see it; nothing for a short text."""
    text = text.strip()
    if len(text) < SHORTEST:
        return []
    found = [
        Group(searcher.label, searcher.icon, searcher.find(user, text)[:FEW])
        for searcher in _SEARCHERS
        if may(user, searcher.access)
    ]
    return [group for group in found if group.hits]


class SearchView(AccessMixin):
    """The results of the search box: as a list below it for htmx, as a page otherwise."""

    access = SIGNED_IN
    title = _("Buscar")
    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request, "")

    def post(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request, request.POST.get("q", "")[:200])

    def _answer(self, request: HttpRequest, text: str) -> HttpResponse:
        context = {
            "page_title": self.title,
            "text": text,
            "groups": find(request.user, text),
            "asked": len(text.strip()) >= SHORTEST,
        }
        part = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
        return render(request, "ui/omnibox_results.html" if part else "ui/search.html", context)
