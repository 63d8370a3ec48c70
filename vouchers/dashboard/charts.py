"""The figures' days as rows of a chart and of the table that says the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smartbis_admin.ui.formats import day, money, number


@dataclass(frozen=True)
class Row:
    """One day: its text, and each value as a number for the drawing and as text for people."""

    label: str
    values: list[tuple[Decimal, str]]


@dataclass(frozen=True)
class Chart:
    """`kind` is one of `ui/charts.js`; `summary` says in a sentence what the drawing shows."""

    name: str
    title: str | Promise
    kind: str
    heads: list[str]
    rows: list[Row]
    summary: str
    empty: bool


TITLES = {
    "sales": gettext_lazy("Vendas por dia"),
    "vouchers": gettext_lazy("Vouchers por dia"),
    "expiring": gettext_lazy("Vouchers a vencer por dia"),
}


def chart(name: str, known: Mapping[str, Any]) -> Chart | None:
    """A chart by its name; None while its topic was not computed."""
    topic = "sales" if name == "sales" else "vouchers"
    if topic not in known:
        return None
    return {"sales": _sales, "vouchers": _vouchers, "expiring": _expiring}[name](known[topic])


def _sales(data: Mapping[str, Any]) -> Chart:
    amounts = [Decimal(one["amount"]) for one in data["days"]]
    rows = [
        Row(_day(one), [(amount, money(amount))]) for one, amount in zip(data["days"], amounts, strict=True)
    ]
    words = {"first": rows[0].label, "last": rows[-1].label, "highest": money(max(amounts))}
    return Chart(
        "sales",
        TITLES["sales"],
        "bar",
        [_("Vendas")],
        rows,
        _("Vendas de %(first)s a %(last)s; o melhor dia somou %(highest)s.") % words,
        not any(amounts),
    )


def _vouchers(data: Mapping[str, Any]) -> Chart:
    rows = [Row(_day(one), [_count(one["issued"]), _count(one["used"])]) for one in data["days"]]
    words = {
        "first": rows[0].label,
        "last": rows[-1].label,
        "issued": number(sum(one["issued"] for one in data["days"])),
        "used": number(sum(one["used"] for one in data["days"])),
    }
    return Chart(
        "vouchers",
        TITLES["vouchers"],
        "line",
        [_("Emitidos"), _("Usados")],
        rows,
        _("Vouchers de %(first)s a %(last)s: %(issued)s emitidos, %(used)s usados.") % words,
        not any(one["issued"] or one["used"] for one in data["days"]),
    )


def _expiring(data: Mapping[str, Any]) -> Chart:
    days = data["expiring_days"]
    rows = [Row(_day(one), [_count(one["count"])]) for one in days]
    words = {
        "first": rows[0].label,
        "last": rows[-1].label,
        "count": number(sum(one["count"] for one in days)),
        "value": money(sum((Decimal(one["value"]) for one in days), Decimal())),
    }
    return Chart(
        "expiring",
        TITLES["expiring"],
        "bar",
        [_("A vencer")],
        rows,
        _("De %(first)s a %(last)s vencem %(count)s vouchers, no valor de %(value)s.") % words,
        not any(one["count"] for one in days),
    )


def _day(one: Mapping[str, Any]) -> str:
    return day(date.fromisoformat(one["day"]))


def _count(count: int) -> tuple[Decimal, str]:
    return Decimal(count), number(count)
