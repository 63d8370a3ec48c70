"""The reference sale of the assistant's fourth step: one sale watched from the machine to the benefit.

Reads the life that `life.py` writes and changes nothing of it; what a person confirms is kept in `ReferenceSale`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from customers.bridge.models import Bridge, PosSale, PosSaleEvent, ReferenceSale
from customers.bridge.transitions import Event
from customers.bridge.words import explain_reason
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from smartbis_admin.ui.formats import money, number, points

Text = str | Promise
State = PosSale.State
#: A machine's clock may be behind ours by this much when the sale is made after the start.
CLOCK = timedelta(minutes=15)
#: Sales to choose from.
FEW = 5
LOOKED_AT = ("customer", "amount", "benefit")
DONE, NOW, AHEAD, FAILED = "done", "now", "ahead", "failed"
_LOOKS = {
    DONE: ("success", "check"),
    NOW: ("info", "hourglass"),
    AHEAD: ("neutral", "circle"),
    FAILED: ("warning", "alert-triangle"),
}
#: The step of a sale's life that ends each hop between the arrival and the benefit.
_FOUND = (Event.FOUND, Event.IDENTIFIED, Event.OVERRULED)
_PASSED = (Event.PASSED, Event.OVERRULED)
_SENT = (Event.SENT, Event.SETTLED)


class ReferenceRefusedError(Exception):
    """Nothing changed. `code`: `not_there` (the sale has not arrived), `incomplete` (not everything was looked at)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Hop:
    """One piece of the way: how far it is, when it was done, and how long it took since the piece before."""

    label: Text
    state: str
    text: Text = ""
    at: datetime | None = None
    took: timedelta | None = None

    @property
    def tone(self) -> str:
        return _LOOKS[self.state][0]

    @property
    def icon(self) -> str:
        return _LOOKS[self.state][1]


def current(bridge: Bridge) -> ReferenceSale | None:
    """The try that is open, or the newest one that passed."""
    rows = bridge.reference_sales.select_related(
        "sale__machine", "sale__store", "sale__customer", "sale__connection", "sale__write__sale", "confirmed_by"
    ).order_by("-started_at", "-pk")  # fmt: skip
    return rows.filter(ended_at=None).first()


@transaction.atomic
def start(*, bridge: Bridge, by: User) -> ReferenceSale:
    """Begin a new try; one that is still open ends without a result."""
    now = timezone.now()
    bridge.reference_sales.filter(ended_at=None).update(ended_at=now)
    reference = ReferenceSale.objects.create(bridge=bridge, started_at=now, started_by=by)
    audit(actor=by, action="bridge.reference_started", subject=f"bridge:{bridge.pk}")
    return reference


def candidates(reference: ReferenceSale) -> Sequence[PosSale]:
    """The sales that came since the try began and were made about then, the newest first."""
    since = reference.started_at
    rows = PosSale.objects.filter(
        bridge=reference.bridge_id, received_at__gte=since, sold_at__gte=since - CLOCK
    ).select_related("machine")
    return list(rows.order_by("-received_at", "-pk")[:FEW])


def choose(*, reference: ReferenceSale, sale: PosSale) -> None:
    """Say which sale it is."""
    ReferenceSale.objects.filter(pk=reference.pk, confirmed_at=None).update(sale=sale)
    reference.refresh_from_db()


def observes(reference: ReferenceSale) -> bool:
    """Whether the panel registers, so that the way ends here with the checks."""
    return reference.bridge.mode == Bridge.Mode.OBSERVE


def has_arrived(reference: ReferenceSale) -> bool:
    """Whether the sale is at the end of its way: registered; in mode `observe`, matched and left to the panel."""
    sale = reference.sale
    if sale is None:
        return False
    if observes(reference):
        return sale.reason == "panel_connection" and sale.customer_remote_id is not None
    return sale.state == State.REGISTERED


def is_moving(reference: ReferenceSale) -> bool:
    """Whether something may still happen by itself."""
    sale = reference.sale
    return sale is None or sale.state in (*PosSale.MOVING, State.IN_DOUBT)


@transaction.atomic
def confirm(*, reference: ReferenceSale, looked_at: Sequence[str], by: User) -> None:
    """A person looked at customer, amount and benefit: the try passed. Raises `ReferenceRefusedError`."""
    if not has_arrived(reference):
        raise ReferenceRefusedError("not_there")
    if set(looked_at) != set(LOOKED_AT):
        raise ReferenceRefusedError("incomplete")
    now = timezone.now()
    confirmed = ReferenceSale.objects.filter(pk=reference.pk, confirmed_at=None).update(
        confirmed_at=now, confirmed_by=by, looked_at=dict.fromkeys(LOOKED_AT, True)
    )
    if confirmed:
        audit(actor=by, action="bridge.reference_confirmed", subject=f"bridge:{reference.bridge_id}")
    reference.refresh_from_db()


def hops(reference: ReferenceSale) -> list[Hop]:
    """The way of the sale, from the machine to the benefit."""
    sale = reference.sale
    if sale is None:
        return [
            Hop(_("Venda feita na maquininha"), NOW, _("Faça agora uma venda, com o CPF de um cliente cadastrado.")),
            *(Hop(label, AHEAD) for label in _labels(reference) if label),
        ]  # fmt: skip
    at = {row.event: row.at for row in PosSaleEvent.objects.filter(sale=sale).order_by("at", "pk")}
    arrived, found, checked, registered, benefit = _labels(reference)
    made = Hop(
        _("Venda feita na maquininha"), DONE, f"{sale.machine or ''} · {money(sale.amount)}", sale.sold_at
    )
    way = [
        made,
        Hop(arrived, DONE, sale.get_road_display(), sale.received_at),
        _found(found, sale, at),
        _checked(checked, sale, at, observes(reference)),
    ]
    if observes(reference):
        way.append(
            Hop(
                benefit,
                DONE if has_arrived(reference) else AHEAD,
                _("Confira o benefício no painel da Smartbis."),
            )
        )
    else:
        way += [_registered(registered, sale, at), _benefit(benefit, sale)]
    return _timed(way)


def _labels(reference: ReferenceSale) -> list[Text]:
    return [
        _("Chegou do SmartPOS"),
        _("Cliente encontrado"),
        _("Conferida pela regra"),
        "" if observes(reference) else _("Registrada na Smartbis"),
        _("Benefício dado pelo painel") if observes(reference) else _("Benefício dado pela Smartbis"),
    ]


def _first(at: dict[str, datetime], events: Sequence[Event]) -> datetime | None:
    return next((at[event] for event in events if event in at), None)


def _found(label: Text, sale: PosSale, at: dict[str, datetime]) -> Hop:
    if sale.customer is not None:
        return Hop(label, DONE, sale.customer.name or "", _first(at, _FOUND))
    if sale.state == State.RECEIVED:
        return Hop(label, NOW)
    return Hop(label, FAILED, explain_reason(sale.reason), at.get(Event.NOT_FOUND))


def _checked(label: Text, sale: PosSale, at: dict[str, datetime], observed: bool) -> Hop:
    passed = _first(at, _PASSED)
    if passed:
        return Hop(label, DONE, _("Acumula."), passed)
    if sale.state == State.INELIGIBLE:
        state = DONE if observed and sale.reason == "panel_connection" else FAILED
        return Hop(label, state, explain_reason(sale.reason), at.get(Event.FAILED))
    if sale.state == State.MATCHED:
        waits = _("Espera a escolha de quem registra as vendas, no passo 2.") if not sale.bridge.mode else ""
        return Hop(label, NOW, waits)
    return Hop(label, AHEAD)


def _registered(label: Text, sale: PosSale, at: dict[str, datetime]) -> Hop:
    if sale.state in (State.REGISTERED, State.REVERSED):
        return Hop(label, DONE, "", _first(at, _SENT))
    if sale.state == State.REJECTED:
        return Hop(label, FAILED, explain_reason(sale.reason), at.get(Event.REFUSED))
    if sale.state == State.IN_DOUBT:
        return Hop(label, NOW, _("A confirmar – não repita."), at.get(Event.LOST))
    return Hop(label, NOW if sale.state == State.ELIGIBLE else AHEAD)


def _benefit(label: Text, sale: PosSale) -> Hop:
    registered = getattr(sale.write, "sale", None)
    if sale.state != State.REGISTERED or registered is None:
        return Hop(label, AHEAD)
    if registered.cashback_amount is None and registered.points_earned is None:
        return Hop(label, DONE, _("A plataforma confirmou a venda e não informou o benefício."))
    given = [money(registered.cashback_amount)] if registered.cashback_amount is not None else []
    given += [points(registered.points_earned)] if registered.points_earned is not None else []
    return Hop(label, DONE, " · ".join(given))


def _timed(way: list[Hop]) -> list[Hop]:
    """Each hop with the time since the one before it that has one."""
    timed: list[Hop] = []
    before: datetime | None = None
    for hop in way:
        took = hop.at - before if hop.at and before else None
        # A machine's clock ahead of ours says nothing about how long it took.
        shown = took if took is not None and took >= timedelta(0) else None
        timed.append(Hop(hop.label, hop.state, hop.text, hop.at, shown))
        before = hop.at or before
    return timed


def total(way: Sequence[Hop]) -> timedelta | None:
    """From the machine to the last hop that is done."""
    moments = [hop.at for hop in way if hop.at]
    return moments[-1] - moments[0] if len(moments) > 1 and moments[-1] >= moments[0] else None


def shown_time(took: timedelta | None) -> str:
    """A short time: `0,4 s`, `3 min 5 s`, `2 h 10 min`."""
    if took is None:
        return ""
    seconds = took.total_seconds()
    if seconds < 60:
        return _("%(seconds)s s") % {"seconds": number(Decimal(str(round(seconds, 1))))}
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}
    return _("%(hours)s h %(minutes)s min") % {"hours": minutes // 60, "minutes": minutes % 60}
