"""The one list of the program's places. Apps are named by their URL names only; an entry is shown to whoever
may use it. Other apps may hang a number on an entry with `register_badge`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from smartbis_admin.staff.access import ANYONE, SIGNED_IN, Access


@dataclass(frozen=True)
class Link:
    """A place or an action somebody may go to; its URL takes no arguments."""

    label: str | Promise
    icon: str
    url_name: str
    access: Access | str = SIGNED_IN
    #: The list it shows, where not every platform has it: the entry stands only where some programme does.
    resource: str = ""

    def is_for(self, user: Any) -> bool:
        """Whether this person may follow it."""
        return may(user, self.access)

    @property
    def url(self) -> str:
        return reverse(self.url_name)


NAVIGATION = (
    Link(_("Painel"), "home", "home", Access.SEE_OVERVIEW),
    Link(_("Clientes"), "users", "customers:list", Access.SEE_CUSTOMERS),
    Link(_("Vendas"), "receipt", "customers:sale_list", Access.SEE_OVERVIEW),
    Link(_("Vendas das maquininhas"), "device-tablet", "bridge:list", Access.SEE_OVERVIEW),
    Link(_("Recompensas"), "gift", "rewards:list", Access.SEE_REWARDS),
    Link(_("Categorias"), "category", "rewards:category_list", Access.SEE_REWARDS),
    Link(_("Produtos de pontos"), "basket", "products:list", Access.SEE_REWARDS, "points_products"),
    Link(_("Ofertas"), "tag", "offers:list", Access.SEE_REWARDS, "offers"),
    Link(_("Vouchers"), "ticket", "vouchers:list", Access.SEE_VOUCHERS),
    Link(_("Resgates"), "award", "fulfilments:list", Access.SEE_VOUCHERS, "fulfilments"),
    Link(pgettext_lazy("screen", "Caixa"), "cash-register", "vouchers:till", Access.USE_TILL),
    Link(_("Turnos"), "clipboard-list", "vouchers:shift_list", Access.SEE_SHIFTS),
    Link(_("Estornos"), "arrow-back-up", "reversals:list", Access.DECIDE_REVERSALS),
    Link(
        pgettext_lazy("screen", "Contingência"), "clock-pause", "contingency:list", Access.SETTLE_CONTINGENCY
    ),
    Link(_("Sincronização"), "refresh", "sync:overview", Access.SEE_SYNC),
    Link(_("A confirmar"), "clock-question", "writes:in_doubt", Access.SETTLE_WRITES),
    Link(_("Regra do programa"), "percentage", "rules:overview", Access.SEE_OVERVIEW),
    Link(_("Comunicação"), "send", "outreach:overview", Access.MANAGE_MESSAGES),
    Link(_("Integrações"), "plug", "connections:list", Access.MANAGE_CONNECTIONS),
    Link(_("Lojas"), "building-store", "staff:store_list", Access.MANAGE_STAFF),
    Link(_("Administração"), "settings", "admin:index", Access.MANAGE_STAFF),
)

_BADGES: dict[str, Callable[[], int]] = {}
_LISTS: list[Callable[[], Collection[str]]] = []


def may(user: Any, access: Access | str) -> bool:
    """Whether a person may do what `access` names."""
    if access == ANYONE:
        return True
    return bool(user.is_authenticated and (access == SIGNED_IN or user.has_perm(str(access))))


def register_badge(url_name: str, count: Callable[[], int]) -> None:
    """Show `count()` beside an entry when it is not zero. Called on every page: one cheap query at most."""
    _BADGES[url_name] = count


def register_lists(known: Callable[[], Collection[str]]) -> None:
    """Say which lists some programme has. Called on every page on which it matters: one cheap query at most."""
    _LISTS[:] = [known]


def entries(request: HttpRequest) -> list[dict[str, Any]]:
    """The entries this person sees: label, icon, url, whether it is the current place, badge."""
    shown: list[dict[str, Any]] = []
    links = [link for link in NAVIGATION if link.is_for(request.user)]
    lists = _LISTS[0]() if _LISTS and any(link.resource for link in links) else ()
    for link in links:
        if link.resource and link.resource not in lists:
            continue
        count = _BADGES.get(link.url_name)
        shown.append({"label": link.label, "icon": link.icon, "url": link.url, "badge": count and count()})
    # /recompensas/categorias/ lies under /recompensas/: only the longest fitting entry is the current one.
    places = [entry["url"] for entry in shown if entry["url"] == request.path or entry["url"] != "/"]
    current = max((url for url in places if request.path.startswith(url)), key=len, default=None)
    for entry in shown:
        entry["current"] = entry["url"] == current
    return shown
