"""The life of a message: every step is one conditional update, so that two who disagree cannot both be right.

The only place that changes a message's state. Receipts come late, twice and in any order: a message goes
forward and never back.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, F
from django.db.models.functions import Coalesce

from vouchers.outreach.models import LastContact, Message, Receipt

State, Reason = Message.State, Message.Reason

#: State -> those it may follow.
FROM: Mapping[str, tuple[str, ...]] = {
    State.SENDING: (State.QUEUED,),
    State.QUEUED: (State.SENDING,),
    State.DROPPED: (State.QUEUED, State.SENDING, State.IN_DOUBT),
    State.IN_DOUBT: (State.SENDING,),
    State.SENT: (State.SENDING, State.IN_DOUBT),
    State.DELIVERED: (State.SENDING, State.IN_DOUBT, State.SENT),
    State.READ: (State.SENDING, State.IN_DOUBT, State.SENT, State.DELIVERED),
    State.FAILED: (State.SENDING, State.IN_DOUBT, State.SENT),
}
_MOMENTS = {State.SENT: "sent_at", State.DELIVERED: "delivered_at", State.READ: "read_at"}


def move(pk: uuid.UUID, state: str, *, held_by: str = "", **changes: Any) -> bool:
    """Set a state if the message is in one it may follow; with `held_by`, only while that worker has it."""
    rows = Message.objects.filter(pk=pk, state__in=FROM[state])
    if held_by:
        rows = rows.filter(claim=held_by)
    return bool(rows.update(state=state, **changes))


def claim(pk: uuid.UUID, word: str, now: datetime) -> bool:
    """Take a message out of the queue; of two workers one gets it."""
    rows = Message.objects.filter(pk=pk, state__in=FROM[State.SENDING])
    return bool(rows.update(state=State.SENDING, claim=word, claimed_at=now))


def put_back(pk: uuid.UUID, not_before: datetime, *, held_by: str = "", tried: bool = False) -> bool:
    """Back into the queue: nothing left."""
    changes: dict[str, Any] = {"claim": "", "claimed_at": None, "left_at": None, "not_before": not_before}
    if tried:
        changes["attempts"] = F("attempts") + 1
    return move(pk, State.QUEUED, held_by=held_by, **changes)


def drop(pk: uuid.UUID, reason: str, now: datetime, *, detail: str = "", held_by: str = "") -> bool:
    """It is not sent, and says why."""
    return move(pk, State.DROPPED, held_by=held_by, reason=reason, detail=detail[:60], ended_at=now)


def let_leave(pk: uuid.UUID, claim: str, now: datetime) -> bool:
    """Note that the call may leave from now on; False: somebody else took or dropped the message."""
    rows = Message.objects.filter(pk=pk, state=State.SENDING, claim=claim, left_at=None)
    return bool(rows.update(left_at=now, attempts=F("attempts") + 1))


def sent(pk: uuid.UUID, now: datetime, *, remote_id: str = "") -> bool:
    """The channel took it. A receipt may have said more already; its id is noted all the same."""
    changes: dict[str, Any] = {"sent_at": Coalesce("sent_at", now, output_field=DateTimeField())}
    if remote_id:
        changes["remote_id"] = remote_id
    if move(pk, State.SENT, **changes):
        return True
    Message.objects.filter(pk=pk).update(**changes)
    return False


def fail(pk: uuid.UUID, reason: str, now: datetime, *, detail: str = "") -> bool:
    """It was refused, or could not be delivered."""
    return move(pk, State.FAILED, reason=reason, detail=detail[:60], ended_at=now)


def doubt(pk: uuid.UUID) -> bool:
    """Nobody knows whether it left: it is not sent again."""
    return move(pk, State.IN_DOUBT)


@transaction.atomic
def take_receipt(message: Message, status: str, at: datetime, *, error_code: str = "") -> bool:
    """What the channel reports; the same report again changes nothing. Whether it was news."""
    _row, is_new = Receipt.objects.get_or_create(
        message=message, status=status, defaults={"at": at, "error_code": error_code}
    )
    if not is_new:
        return False
    if status == Receipt.Status.FAILED:
        fail(message.pk, Reason.UNDELIVERED, at, detail=error_code)
        return True
    # Read means delivered, and delivered means sent, whatever else never comes.
    for state in (State.SENT, State.DELIVERED, State.READ):
        Message.objects.filter(pk=message.pk, **{_MOMENTS[state]: None}).update(**{_MOMENTS[state]: at})
        if state == status:
            break
    if status != Receipt.Status.SENT:
        # What arrived has arrived, although a failure was reported before.
        Message.objects.filter(pk=message.pk, state=State.FAILED, reason=Reason.UNDELIVERED).update(
            state=State.SENT, reason="", detail="", ended_at=None
        )
    move(message.pk, status)
    return True


def take_place(person: str, message: uuid.UUID, now: datetime, apart: timedelta) -> datetime | None:
    """Make this the person's one contact of the time; None, or the moment from which there is room again.

    Asking again for the same message renews its place.
    """
    rows = LastContact.objects.filter(person=person)
    free = {"at": now, "message": message}
    if rows.filter(message=message).update(**free) or rows.filter(at__lte=now - apart).update(**free):
        return None
    try:
        with transaction.atomic():
            LastContact.objects.create(person=person, at=now, message=message)
    except IntegrityError:
        held = rows.first()
        return (held.at if held else now) + apart
    return None


def give_place_back(message: uuid.UUID) -> None:
    """The message did not leave: it was no contact."""
    LastContact.objects.filter(message=message).delete()
