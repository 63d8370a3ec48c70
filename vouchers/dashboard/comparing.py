"""A figure beside the one before: how much it differs, said in words, and how either is written."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from smartbis_admin.ui.formats import money, number
from vouchers.dashboard.catalogue import Unit

UNKNOWN = "—"
#: More, less, the same, nothing to compare with.
_TODAY = (
    gettext_lazy("%(change)s a mais que ontem (%(before)s)"),
    gettext_lazy("%(change)s a menos que ontem (%(before)s)"),
    gettext_lazy("igual a ontem"),
    gettext_lazy("sem valor de ontem para comparar"),
)
_MONTH = (
    gettext_lazy("%(change)s a mais que nos 30 dias anteriores (%(before)s)"),
    gettext_lazy("%(change)s a menos que nos 30 dias anteriores (%(before)s)"),
    gettext_lazy("igual aos 30 dias anteriores"),
    gettext_lazy("sem valor dos 30 dias anteriores para comparar"),
)
_AGO = (
    gettext_lazy("%(change)s a mais que há 30 dias (%(before)s)"),
    gettext_lazy("%(change)s a menos que há 30 dias (%(before)s)"),
    gettext_lazy("igual a 30 dias atrás"),
    gettext_lazy("sem valor de 30 dias atrás para comparar"),
)


@dataclass(frozen=True)
class Comparison:
    """`direction`: `up`, `down`, `same`, or empty where there is nothing to compare with."""

    direction: str
    sentence: str


def shown(unit: Unit, value: Decimal | None) -> str:
    """A figure as people read it, rounded half up only here; a dash where it cannot be said."""
    if value is None:
        return UNKNOWN
    if unit is Unit.MONEY:
        return money(_rounded(value, 2))
    if unit is Unit.PERCENT:
        return _per_cent(value * 100)
    if unit is Unit.RATIO:
        return number_format(_rounded(value, 2), 2)
    if unit is Unit.SCORE:
        return number_format(_rounded(value, 1), 1)
    if unit is Unit.DAYS:
        return ngettext("%(n)s dia", "%(n)s dias", 1 if value == 1 else 2) % {"n": number(_rounded(value, 1))}
    return number(value)


def compare(
    unit: Unit, now: Decimal | None, before: Decimal | None, *, span: str, at_moment: bool
) -> Comparison:
    """`now` against `before`, the value of `span`'s period before (or of that long ago)."""
    more, less, same, nothing = _TODAY if span == "today" else _AGO if at_moment else _MONTH
    if before is None or now is None:
        return Comparison("", str(nothing))
    if now == before:
        return Comparison("same", str(same))
    sentence = (more if now > before else less) % {
        "change": _change(unit, now, before),
        "before": shown(unit, before),
    }
    return Comparison("up" if now > before else "down", str(sentence))


def difference(unit: Unit, now: Decimal | None, before: Decimal | None) -> str:
    """The difference itself, with its sign."""
    if now is None or before is None:
        return UNKNOWN
    gap = now - before
    sign = "+" if gap > 0 else "−" if gap < 0 else ""
    return f"{sign}{_points(gap) if unit is Unit.PERCENT else shown(unit, abs(gap))}"


def _change(unit: Unit, now: Decimal, before: Decimal) -> str:
    if unit is Unit.PERCENT:
        return _points(now - before)
    if unit is Unit.SCORE:
        return shown(unit, abs(now - before))
    if not before:
        return shown(unit, abs(now))
    return _per_cent(abs(now - before) * 100 / abs(before))


def _per_cent(value: Decimal) -> str:
    text = _("%(n)s %%") % {"n": number_format(_rounded(value, 1), 1, force_grouping=True)}
    # The sign stays beside its number.
    return text.replace(" ", "\xa0")


def _points(gap: Decimal) -> str:
    points = _rounded(abs(gap) * 100, 1)
    return ngettext("%(n)s ponto percentual", "%(n)s pontos percentuais", 1 if points == 1 else 2) % {
        "n": number_format(points, 1)
    }


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
