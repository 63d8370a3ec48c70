"""Registers eligible sales on the platform, each as one safe write, and follows what became of it.

An intent's id follows from the sale and its attempt, and it is opened under the sale's lock, so that whoever tries
and however often, one attempt is one entry of the ledger, which leaves once (`architecture.md` mechanism 2). A
lost answer is in doubt here because it is there; the ledger settles it and `follow` brings the sale along.
"""

import time
import uuid
from collections.abc import Sequence

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from customers.bridge import life
from customers.bridge.models import Bridge, PosSale
from customers.bridge.transitions import TRANSITIONS, Event
from customers.services import open_sale
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import SubjectBusyError, reopen, send

log = structlog.get_logger(__name__)
State = PosSale.State
_NAMESPACE = uuid.UUID("0e0a2f52-7d52-4c0b-9d0c-6f1d8a2f4b17")
_CHUNK = 100
_OVER = (PosSale.Status.CANCELLED, PosSale.Status.REFUNDED)
#: Calls that never left, one after the other, after which the platform is left alone for a while.
_FAILURES = 3
#: These will not pass by waiting: a person has to do something first.
_FOR_A_PERSON = ("NotAllowed", "Misconfigured")
#: (state of the sale, state of its write) -> the steps that bring the sale along.
_FOLLOWING: dict[tuple[str, str], tuple[Event, ...]] = {
    (State.ELIGIBLE, Write.State.DONE): (Event.SENT,),
    (State.ELIGIBLE, Write.State.REFUSED): (Event.REFUSED,),
    (State.ELIGIBLE, Write.State.IN_DOUBT): (Event.LOST,),
    # Settled before anybody looked at the sale.
    (State.ELIGIBLE, Write.State.NOT_DONE): (Event.LOST, Event.SETTLED_NEGATIVE),
    (State.ELIGIBLE, Write.State.ABANDONED): (Event.LOST, Event.ABANDONED),
    (State.IN_DOUBT, Write.State.DONE): (Event.SETTLED,),
    (State.IN_DOUBT, Write.State.NOT_DONE): (Event.SETTLED_NEGATIVE,),
    (State.IN_DOUBT, Write.State.ABANDONED): (Event.ABANDONED,),
    # An answer came after all, and it is no.
    (State.IN_DOUBT, Write.State.REFUSED): (Event.SETTLED_NEGATIVE,),
    (State.IN_DOUBT, Write.State.NOT_SENT): (Event.SETTLED_NEGATIVE,),
}


class _NotSent(Exception):
    """A sale's call never left; `error` and `cause` say why."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(error)
        self.error, self.cause = error, cause


def intent_id(sale: PosSale, attempt: int | None = None) -> uuid.UUID:
    """The ledger id of a sale's present intent, or of its n-th."""
    return uuid.uuid5(_NAMESPACE, f"{sale.pk}:{sale.attempt if attempt is None else attempt}")


def intents(sale: PosSale) -> QuerySet[Write]:
    """Everything that was ever asked of the platform for a sale, the newest first."""
    ids = [intent_id(sale, attempt) for attempt in range(sale.attempt + 1)]
    return Write.objects.filter(pk__in=ids).order_by("-created_at", "-pk")


def to_send(bridge: Bridge) -> QuerySet[PosSale]:
    """Eligible sales without an open intent, oldest first."""
    free = Q(write=None) | Q(write__state=Write.State.NOT_SENT)
    rows = PosSale.objects.filter(free, bridge=bridge, state=State.ELIGIBLE, status=PosSale.Status.APPROVED)
    return rows.select_related("bridge__mode_by", "write").order_by("pk")


def send_eligible(bridge: Bridge, *, seconds: float) -> tuple[bool, str, str]:
    """Send eligible sales until the time is over. Returns whether more can be sent at once, and why not.

    The reason is the class of an `ApiError` with its cause, `busy` (another write on the same customers is
    open), or empty. In mode `observe`, or without one, nothing is sent.
    """
    if bridge.mode != Bridge.Mode.REGISTER:
        return False, "", ""
    end, after, failures = time.monotonic() + seconds, 0, 0
    while sales := list(to_send(bridge).filter(pk__gt=after)[:_CHUNK]):
        for sale in sales:
            after = sale.pk
            try:
                send_one(sale)
                failures = 0
            except SubjectBusyError:
                continue
            except _NotSent as failure:
                failures += 1
                if failure.error in _FOR_A_PERSON or failures >= _FAILURES:
                    return False, failure.error, failure.cause
            if time.monotonic() > end:
                return True, "", ""
    return False, "busy" if to_send(bridge).exists() else "", ""


def send_one(sale: PosSale) -> None:
    """Register one eligible sale, unless somebody else does or it is no longer to be sent.

    Raises `SubjectBusyError` while another sale of the customer is open, `_NotSent` when the call never left.
    """
    write = _open_intent(sale)
    if write is None:
        return
    if write.state == Write.State.PENDING and write.attempts == 0:
        write = send(write)
    follow([sale])
    if write.state == Write.State.NOT_SENT:
        raise _NotSent(write.error, write.error_cause)


def follow(sales: Sequence[PosSale]) -> None:
    """Bring sales to what their writes ended in, with what the machine said meanwhile."""
    rows = PosSale.objects.select_related("write").filter(pk__in=[sale.pk for sale in sales])
    for sale in rows:
        write = sale.write
        if write is None:
            continue
        steps = _FOLLOWING.get((sale.state, write.state), ())
        if (sale.state, write.state) == (State.ELIGIBLE, Write.State.NOT_SENT):
            steps = (Event.NOT_SENT,)
        reason = write.code or "unknown" if write.state == Write.State.REFUSED else ""
        for event in steps:
            if not life.move(sale, event, reason=reason):
                break
        if sale.status in _OVER and (sale.state, Event.CANCELLED) in TRANSITIONS:
            # It was cancelled while the intent was open.
            life.move(sale, Event.CANCELLED)


def follow_all(bridge: Bridge) -> int:
    """Bring along every sale whose write ended while nobody looked. Returns how many there were."""
    # Cancelled while an intent was open that never left.
    behind = Q(state=State.ELIGIBLE, status__in=_OVER, write__state=Write.State.NOT_SENT)
    for state, ended in _FOLLOWING:
        behind |= Q(state=state, write__state=ended)
    count, after = 0, 0
    rows = PosSale.objects.filter(behind, bridge=bridge).order_by("pk")
    while sales := list(rows.filter(pk__gt=after)[:_CHUNK]):
        follow(sales)
        count, after = count + len(sales), sales[-1].pk
    return count


def _open_intent(sale: PosSale) -> Write | None:
    """The present intent, open and ready to leave; None when the sale is not to be sent (any more).

    Under the sale's lock: a cancellation sees an open intent or prevents it, and two workers open one.
    """
    with transaction.atomic():
        row = (
            PosSale.objects.select_for_update(of=("self",))
            .select_related("bridge__mode_by", "linked_by", "write", "customer__connection", "store")
            .get(pk=sale.pk)
        )
        actor = row.linked_by or row.bridge.mode_by
        if actor is None or row.customer is None or not _is_to_be_sent(row):
            return None
        if row.write is not None:
            return reopen(row.write) if row.write.state == Write.State.NOT_SENT else None
        registered = open_sale(
            id=intent_id(row),
            customer=row.customer,
            amount=row.amount,
            actor=actor,
            store=row.store,
            till=None,
            sold_at=row.sold_at,
            told={
                "machine": row.machine_remote_id[:100],
                "payment_method": row.payment_method,
                "category": "",
            },
        )
        PosSale.objects.filter(pk=row.pk).update(write=registered.write)
        return registered.write


def _is_to_be_sent(row: PosSale) -> bool:
    """Whether it still is eligible and approved, and its bridge registers."""
    approved = row.status == PosSale.Status.APPROVED
    return row.state == State.ELIGIBLE and approved and row.bridge.mode == Bridge.Mode.REGISTER
