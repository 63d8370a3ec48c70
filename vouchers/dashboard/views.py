"""The start page: what the figures say, what runs out, what waits for a person, how fresh everything is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rewards.models import Reward, reward_status_is, stock_level_is
from smartbis_admin.staff.access import SIGNED_IN, Access
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.services import overview
from smartbis_admin.sync.tables import LOOKS
from smartbis_admin.sync.words import explain_run
from smartbis_admin.ui.formats import day, money, number
from smartbis_admin.ui.navigation import may
from smartbis_admin.ui.views import TemplateView
from smartbis_admin.writes.models import Write
from vouchers.dashboard import figures

#: Rewards named on the page.
FEW = 5
#: Height of the chart in its own units; bars are whole units high.
CHART_HEIGHT = 100


@dataclass(frozen=True)
class Tile:
    """One figure: what it is called, what it says, what it means, and where its rows are."""

    label: str
    value: str
    definition: str
    #: When it was true.
    at: datetime
    url: str
    #: Who may open the list; the others see the figure alone.
    access: Access
    note: str = ""
    #: Whether somebody should act.
    alarming: bool = False


class HomeView(TemplateView):
    """The manager's start page. People of the till go to the till."""

    access = SIGNED_IN
    template_name = "home.html"
    title = gettext_lazy("Painel")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may(request.user, Access.SEE_OVERVIEW) and may(request.user, Access.USE_TILL):
            return HttpResponseRedirect(reverse("vouchers:till"))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not may(self.request.user, Access.SEE_OVERVIEW):
            return super().get_context_data(no_role=True, **kwargs)
        known = figures.read()
        lines = overview()
        return super().get_context_data(
            tiles=[(tile, may(self.request.user, tile.access)) for tile in [*tiles(known), in_doubt_tile()]],
            waiting=bool(figures.TOPICS.keys() - known.keys()),
            chart=chart(known["sales"]) if "sales" in known else None,
            low=low_rewards() if may(self.request.user, Access.SEE_REWARDS) else None,
            lines=[_health(line) for line in lines],
            **kwargs,
        )


def tiles(known: dict[str, dict[str, Any]]) -> list[Tile]:
    """The figures that are known, in the order of the page."""
    shown: list[Tile] = []
    if "sales" in known:
        shown += _sale_tiles(known["sales"])
    if "customers" in known and "vouchers" in known:
        shown += _liability_tiles(known["customers"], known["vouchers"])
    if "vouchers" in known:
        shown += _voucher_tiles(known["vouchers"])
    return shown


def _sale_tiles(data: dict[str, Any]) -> list[Tile]:
    today = timezone.localdate()
    start = today - timedelta(days=figures.PERIOD - 1)
    done = {"state": Write.State.DONE.value}
    return [
        Tile(
            label=_("Vendas hoje"),
            value=money(Decimal(data["today"]["amount"])),
            note=_sale_count(data["today"]["count"]),
            definition=_(
                "Soma do valor das vendas de hoje que a plataforma confirmou; "
                "somente vendas registradas por este sistema."
            ),
            at=data["at"],
            url=_list("customers:sale_list", **done, sold_at_from=today.isoformat()),
            access=Access.SEE_OVERVIEW,
        ),
        Tile(
            label=_("Vendas em 30 dias"),
            value=money(Decimal(data["period"]["amount"])),
            note=_against(
                Decimal(data["period"]["amount"]),
                Decimal(data["before"]["amount"]),
                _sale_count(data["period"]["count"]),
            ),
            definition=_(
                "Soma do valor das vendas confirmadas nos últimos 30 dias, hoje incluído, comparada com os "
                "30 dias anteriores; somente vendas registradas por este sistema."
            ),
            at=data["at"],
            url=_list("customers:sale_list", **done, sold_at_from=start.isoformat()),
            access=Access.SEE_OVERVIEW,
        ),
    ]


def _liability_tiles(customers: dict[str, Any], vouchers: dict[str, Any]) -> list[Tile]:
    liability = Decimal(customers["cashback"]) + Decimal(vouchers["usable"]["value"])
    points = number(Decimal(customers["points"]))
    return [
        Tile(
            label=_("Clientes"),
            value=number(customers["count"]),
            definition=_("Clientes que a plataforma lista; os que saíram dela não contam."),
            at=customers["at"],
            url=_list("customers:list"),
            access=Access.SEE_CUSTOMERS,
        ),
        Tile(
            label=_("Passivo em aberto"),
            value=money(liability),
            note=_("e %(points)s pontos") % {"points": points},
            definition=_(
                "Saldos de cashback acima de zero mais o valor dos vouchers emitidos e não vencidos. "
                "Os pontos ficam à parte, porque não têm um valor em reais."
            ),
            at=min(customers["at"], vouchers["at"]),
            url=_list("customers:list", balance="cashback", sort="-cashback_balance"),
            access=Access.SEE_CUSTOMERS,
        ),
    ]


def _voucher_tiles(data: dict[str, Any]) -> list[Tile]:
    start = timezone.localdate() - timedelta(days=figures.PERIOD - 1)
    return [
        Tile(
            label=_("Vouchers emitidos"),
            value=number(data["issued"]),
            note=_against(data["issued"], data["issued_before"], _("em 30 dias")),
            definition=_("Vouchers emitidos nos últimos 30 dias, hoje incluído, sem os cancelados."),
            at=data["at"],
            url=_list("vouchers:list", issued_at_from=start.isoformat()),
            access=Access.SEE_VOUCHERS,
        ),
        Tile(
            label=_("Vouchers usados"),
            value=number(data["used"]),
            note=_against(data["used"], data["used_before"], _("em 30 dias")),
            definition=_("Vouchers usados nos últimos 30 dias, hoje incluído, em qualquer lugar."),
            at=data["at"],
            url=_list("vouchers:list", status="used", used_at_from=start.isoformat()),
            access=Access.SEE_VOUCHERS,
        ),
        Tile(
            label=_("Vouchers a vencer em 7 dias"),
            value=number(data["expiring"]["count"]),
            note=_("valor: %(value)s") % {"value": money(Decimal(data["expiring"]["value"]))},
            definition=_("Vouchers emitidos que vencem de agora até o fim do dia, daqui a 7 dias."),
            at=data["at"],
            url=_list("vouchers:list", expiring=str(figures.EXPIRING)),
            access=Access.SEE_VOUCHERS,
        ),
    ]


def in_doubt_tile() -> Tile:
    """What waits to be confirmed. Counted when asked: open writes are few and have their own index."""
    count = Write.objects.filter(state=Write.State.IN_DOUBT).count()
    return Tile(
        label=_("A confirmar"),
        value=number(count),
        definition=_("Envios cuja resposta se perdeu e que ainda não foram resolvidos. Não os repita."),
        at=timezone.now(),
        url=_list("writes:in_doubt"),
        access=Access.SETTLE_WRITES,
        alarming=count > 0,
    )


def _list(name: str, **query: str) -> str:
    return f"{reverse(name)}?{urlencode(query)}" if query else reverse(name)


def _sale_count(count: int) -> str:
    return ngettext("%(n)s venda", "%(n)s vendas", count) % {"n": number(count)}


def _against(now: Decimal | int, before: Decimal | int, what: str) -> str:
    """`what`, and how much more or less than in the period before; without that where there was nothing."""
    if not before:
        return what
    change = (Decimal(now) - Decimal(before)) * 100 / Decimal(before)
    sign = "+" if change > 0 else ""
    return _("%(what)s, %(change)s %% sobre os 30 dias anteriores") % {
        "what": what,
        "change": f"{sign}{number(change.quantize(Decimal('0.1')))}",
    }


def chart(data: dict[str, Any]) -> dict[str, Any]:
    """The period's sales day by day as bars of at most `CHART_HEIGHT`, and a sentence that says the same."""
    amounts = [Decimal(one["amount"]) for one in data["days"]]
    highest = max(amounts)
    bars = []
    for place, (one, amount) in enumerate(zip(data["days"], amounts, strict=True)):
        height = int(amount * CHART_HEIGHT / highest) if highest else 0
        if amount:
            height = max(height, 1)
        title = _("%(day)s: %(amount)s, %(count)s") % {
            "day": day(date.fromisoformat(one["day"])),
            "amount": money(amount),
            "count": _sale_count(one["count"]),
        }
        bars.append({"x": place * 10, "y": CHART_HEIGHT - height, "height": height, "title": title})
    return {
        "bars": bars,
        "empty": not highest,
        "first": date.fromisoformat(data["days"][0]["day"]),
        "last": date.fromisoformat(data["days"][-1]["day"]),
        "highest": highest,
        "at": data["at"],
    }


def low_rewards() -> dict[str, Any]:
    """Rewards that can be had and have little or no stock left, the emptiest first. Rewards are few."""
    now = timezone.now()
    little = stock_level_is(Reward.StockLevel.LOW) | stock_level_is(Reward.StockLevel.OUT)
    rows = Reward.objects.filter(
        Q(withdrawn_at=None) & little & reward_status_is(Reward.Status.ACTIVE, now)
    ).order_by("stock", "name", "pk")
    shown = list(rows[: FEW + 1])
    return {"rows": shown[:FEW], "more": len(shown) > FEW}


def _health(line: Any) -> dict[str, Any]:
    """One list of one connection: its newest run in looks and words."""
    run: SyncRun | None = line.latest
    if run is None:
        return {"line": line, "tone": "neutral", "icon": "hourglass", "live": False}
    tone, icon = LOOKS[SyncRun.State(run.state)]
    live = run.state in (SyncRun.State.REQUESTED, SyncRun.State.RUNNING)
    return {"line": line, "tone": tone, "icon": icon, "sentence": explain_run(run), "live": live}
