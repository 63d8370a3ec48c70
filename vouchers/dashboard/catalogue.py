"""What each figure of the start page is called, how it is defined, where it is read from and where its rows are.

Every formula is ours and is shown beside its figure. Source: `communication-and-rules.md` §4.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum, auto
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from smartbis_admin.staff.access import Access
from smartbis_admin.ui.formats import money, number
from smartbis_admin.writes.models import Write
from vouchers.dashboard.behaviour import ACTIVITY_WINDOW, Period

#: The topics as `figures.read` gives them, and under `snapshots` what was kept of earlier days.
Known = Mapping[str, Any]
#: A figure of a period by its name (`today`, `month`, each also with `_before`); None: cannot be said.
Reader = Callable[[Known, str], Decimal | None]


class Unit(Enum):
    MONEY = auto()
    COUNT = auto()
    PERCENT = auto()
    RATIO = auto()
    DAYS = auto()
    #: From -100 to 100.
    SCORE = auto()


@dataclass(frozen=True)
class Indicator:
    """One figure. `at_moment`: it is true of a moment (the end of a day), not of a period."""

    key: str
    label: str | Promise
    definition: str | Promise
    unit: Unit
    topics: tuple[str, ...]
    read: Reader
    #: Of a period: the list of the rows behind the figure.
    rows: Callable[[Period], str]
    access: Access
    note: Callable[[Known, str], str] = lambda known, name: ""
    own_sales: bool = False
    at_moment: bool = False
    #: Name of a chart (`charts.py`), if there is one.
    chart: str = ""


def _of(topic: str, field: str) -> Reader:
    def read(known: Known, name: str) -> Decimal | None:
        value = known[topic][name][field]
        return None if value is None else Decimal(value)

    return read


def _kept(now: Callable[[Known], Decimal], then: Callable[[Mapping[str, Any]], Decimal]) -> Reader:
    """A figure of a moment: `now`, and for earlier days what their snapshot says."""

    def read(known: Known, name: str) -> Decimal | None:
        if not name.endswith("_before"):
            return now(known)
        kept = known["snapshots"].get(name)
        return None if kept is None else then(kept)

    return read


def _redemption_rate(worth: str, earned: str) -> Reader:
    def read(known: Known, name: str) -> Decimal | None:
        whole = Decimal(known["people"][name][earned])
        return Decimal(known["vouchers"][name][worth]) / whole if whole else None

    return read


def _list(url_name: str, **query: str) -> str:
    return f"{reverse(url_name)}?{urlencode(query)}" if query else reverse(url_name)


def _days(name: str, period: Period) -> dict[str, str]:
    return {f"{name}_from": period.first.isoformat(), f"{name}_to": period.last.isoformat()}


def _sales(period: Period) -> str:
    return _list("customers:sale_list", state=Write.State.DONE.value, **_days("sold_at", period))


def _buyers(period: Period) -> str:
    return _list("customers:list", **_days("bought", period))


def _recovered(period: Period) -> str:
    return reverse("recovered", args=["today" if period.first == period.last else "month"])


def _issued(**more: str) -> Callable[[Period], str]:
    return lambda period: _list("vouchers:list", **_days("issued_at", period), **more)


def _window_start(day: date) -> str:
    return (day - timedelta(days=ACTIVITY_WINDOW - 1)).isoformat()


def sale_count(count: int) -> str:
    return ngettext("%(n)s venda", "%(n)s vendas", count) % {"n": number(count)}


def _note_of_sales(known: Known, name: str) -> str:
    return sale_count(known["sales"][name]["count"])


def _note_of_benefits(known: Known, name: str) -> str:
    told = known["people"][name]
    words = {
        "points": number(Decimal(told["points"])),
        "vouchers": number(known["vouchers"][name]["issued"]),
        "estimated": number(told["estimated"]),
    }
    if told["estimated"]:
        return str(_("pontos: %(points)s; vouchers: %(vouchers)s; com estimativa: %(estimated)s") % words)
    return str(_("pontos: %(points)s; vouchers: %(vouchers)s") % words)


def _note_of_recovered(known: Known, name: str) -> str:
    told = known["people"][name]
    return str(
        _("%(sales)s, %(benefit)s com benefício")
        % {"sales": sale_count(told["recovered_sales"]), "benefit": number(told["recovered_by_benefit"])}
    )


def _note_of_survey(known: Known, name: str) -> str:
    count = known["survey"][name]["answers"]
    return ngettext("%(n)s resposta", "%(n)s respostas", count) % {"n": number(count)}


def _note_of_liability(known: Known, name: str) -> str:
    return str(_("e %(points)s pontos") % {"points": number(Decimal(known["customers"]["points"]))})


def _note_of_expiring(known: Known, name: str) -> str:
    told = known["vouchers"]["expiring"]
    return str(
        _("%(value)s; em 15 dias %(n15)s, em 30 dias %(n30)s")
        % {
            "value": money(Decimal(told["7"]["value"])),
            "n15": number(told["15"]["count"]),
            "n30": number(told["30"]["count"]),
        }
    )


def _liability(parts: Mapping[str, Any]) -> Decimal:
    return Decimal(parts["cashback"]) + Decimal(parts["usable"]["value"])


SALES = (
    Indicator(
        "vendas", _("Vendas"),
        _("Soma do valor das vendas que a plataforma confirmou no período."),
        Unit.MONEY, ("sales",), _of("sales", "amount"), _sales, Access.SEE_OVERVIEW,
        note=_note_of_sales, own_sales=True, chart="sales",
    ),
    Indicator(
        "ticket-medio", _("Ticket médio"), _("Valor das vendas do período ÷ número de vendas."),
        Unit.MONEY, ("people",), _of("people", "average_ticket"), _sales, Access.SEE_OVERVIEW, own_sales=True,
    ),
    Indicator(
        "beneficios-gerados", _("Benefícios gerados"),
        _(
            "Cashback creditado pelas vendas do período; ao lado os pontos e os vouchers emitidos, que não se somam. "
            "Venda sem os detalhes da plataforma conta com a estimativa."
        ),
        Unit.MONEY, ("people", "vouchers"), _of("people", "cashback"), _sales, Access.SEE_OVERVIEW,
        note=_note_of_benefits, own_sales=True,
    ),
    Indicator(
        "vendas-recuperadas", _("Vendas recuperadas"),
        _(
            "Vendas nos dias em que um cliente voltou a comprar depois de mais de 90 dias. Com benefício: o cliente "
            "usou um voucher nesse dia, ou recebeu uma mensagem de recuperação ou de retorno nos 30 dias anteriores."
        ),
        Unit.MONEY, ("people",), _of("people", "recovered_amount"), _recovered, Access.SEE_OVERVIEW,
        note=_note_of_recovered, own_sales=True,
    ),
)  # fmt: skip
CUSTOMERS = (
    Indicator(
        "clientes-ativos", _("Clientes ativos"),
        _("Clientes com compra nos 90 dias que terminam no último dia do período, ele incluído."),
        Unit.COUNT, ("people",), _of("people", "active"),
        lambda period: _list("customers:list", bought_from=_window_start(period.last), bought_to=f"{period.last}"),
        Access.SEE_CUSTOMERS, own_sales=True, at_moment=True,
    ),
    Indicator(
        "clientes-inativos", _("Clientes inativos"),
        _("Clientes que já compraram, mas não nos 90 dias que terminam no último dia do período."),
        Unit.COUNT, ("people",), _of("people", "inactive"),
        lambda period: _list("customers:list", idle_since=_window_start(period.last)),
        Access.SEE_CUSTOMERS, own_sales=True, at_moment=True,
    ),
    Indicator(
        "compradores", _("Compradores"), _("Clientes com pelo menos uma compra no período."),
        Unit.COUNT, ("people",), _of("people", "buyers"), _buyers, Access.SEE_CUSTOMERS, own_sales=True,
    ),
    Indicator(
        "taxa-de-recompra", _("Taxa de recompra"),
        _("Compradores do período que já tinham comprado em outro dia antes ÷ compradores do período."),
        Unit.PERCENT, ("people",), _of("people", "repurchase_rate"), _buyers, Access.SEE_CUSTOMERS, own_sales=True,
    ),
    Indicator(
        "recorrencia", _("Recorrência"),
        _("Dias de compra no período (um por cliente e dia) ÷ compradores do período."),
        Unit.RATIO, ("people",), _of("people", "recurrence"), _buyers, Access.SEE_CUSTOMERS, own_sales=True,
    ),
    Indicator(
        "intervalo-entre-compras", _("Intervalo entre compras"),
        _("Mediana dos dias entre duas compras seguidas do mesmo cliente, a segunda delas no período."),
        Unit.DAYS, ("people",), _of("people", "purchase_interval"), _buyers, Access.SEE_CUSTOMERS, own_sales=True,
    ),
    Indicator(
        "clientes-recuperados", _("Clientes recuperados"),
        _("Clientes que compraram no período mais de 90 dias depois da compra anterior."),
        Unit.COUNT, ("people",), _of("people", "recovered_customers"), _recovered, Access.SEE_CUSTOMERS,
        own_sales=True,
    ),
    Indicator(
        "clientes", _("Clientes"), _("Clientes que a plataforma lista; os que saíram dela não contam."),
        Unit.COUNT, ("customers",),
        _kept(lambda known: Decimal(known["customers"]["count"]), lambda kept: Decimal(kept["customers"])),
        lambda period: _list("customers:list"), Access.SEE_CUSTOMERS, at_moment=True,
    ),
    Indicator(
        "nps", _("NPS"),
        _(
            "Percentual de notas 9 e 10 menos o percentual de notas 0 a 6, nas respostas da pesquisa de satisfação do "
            "período; as notas vão de 0 a 10."
        ),
        Unit.SCORE, ("survey",), _of("survey", "nps"),
        lambda period: _list("outreach:answer_list", **_days("answered_at", period)), Access.MANAGE_MESSAGES,
        note=_note_of_survey,
    ),
)  # fmt: skip
VOUCHERS = (
    Indicator(
        "vouchers-emitidos", _("Vouchers emitidos"), _("Vouchers emitidos no período, sem os cancelados."),
        Unit.COUNT, ("vouchers",), _of("vouchers", "issued"), _issued(), Access.SEE_VOUCHERS, chart="vouchers",
    ),
    Indicator(
        "vouchers-usados", _("Vouchers usados"), _("Vouchers usados no período, em qualquer lugar."),
        Unit.COUNT, ("vouchers",), _of("vouchers", "used"),
        lambda period: _list("vouchers:list", status="used", **_days("used_at", period)),
        Access.SEE_VOUCHERS, chart="vouchers",
    ),
    Indicator(
        "taxa-de-uso", _("Taxa de uso"),
        _("Vouchers emitidos no período e usados até agora ÷ vouchers emitidos no período."),
        Unit.PERCENT, ("vouchers",), _of("vouchers", "usage_rate"), _issued(), Access.SEE_VOUCHERS,
    ),
    Indicator(
        "taxa-de-resgate-de-cashback", _("Taxa de resgate de cashback"),
        _(
            "Valor dos vouchers de cashback ou saldo emitidos no período ÷ cashback creditado pelas vendas do "
            "período; pode passar de 100 %."
        ),
        Unit.PERCENT, ("vouchers", "people"), _redemption_rate("of_money", "cashback"), _issued(origin="cashback"),
        Access.SEE_VOUCHERS, own_sales=True,
    ),
    Indicator(
        "taxa-de-resgate-de-pontos", _("Taxa de resgate de pontos"),
        _(
            "Pontos necessários dos vouchers trocados por pontos no período (como a recompensa está agora) ÷ pontos "
            "creditados pelas vendas do período."
        ),
        Unit.PERCENT, ("vouchers", "people"), _redemption_rate("of_points", "points"), _issued(origin="points"),
        Access.SEE_VOUCHERS, own_sales=True,
    ),
    Indicator(
        "a-vencer", _("A vencer em 7 dias"),
        _(
            "Vouchers emitidos que vencem de agora até o fim do dia, daqui a 7 dias. Saldos não têm vencimento legível "
            "e ficam de fora."
        ),
        Unit.COUNT, ("vouchers",),
        _kept(
            lambda known: Decimal(known["vouchers"]["expiring"]["7"]["count"]),
            lambda kept: Decimal(kept["expiring"]["7"]["count"]),
        ),
        lambda period: _list("vouchers:list", expiring="7", sort="expires_at"), Access.SEE_VOUCHERS,
        note=_note_of_expiring, at_moment=True, chart="expiring",
    ),
    Indicator(
        "passivo-em-aberto", _("Passivo em aberto"),
        _(
            "Saldos de cashback acima de zero mais o valor dos vouchers emitidos e não vencidos. "
            "Os pontos ficam à parte, porque não têm um valor em reais."
        ),
        Unit.MONEY, ("customers", "vouchers"),
        _kept(lambda known: _liability({**known["customers"], "usable": known["vouchers"]["usable"]}), _liability),
        lambda period: _list("customers:list", balance="cashback", sort="-cashback_balance"),
        Access.SEE_CUSTOMERS, note=_note_of_liability, at_moment=True,
    ),
)  # fmt: skip
GROUPS = ((_("Vendas"), SALES), (_("Clientes"), CUSTOMERS), (_("Vouchers"), VOUCHERS))
INDICATORS = {indicator.key: indicator for _title, group in GROUPS for indicator in group}
