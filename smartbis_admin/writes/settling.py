"""Settling writes in doubt: by evidence, by a person, and by noticing that a process died.

Nothing here ever sends a write again. Source: `smartbis-v2.md` §4.2.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from smartbis_admin.api.errors import ApiError
from smartbis_admin.connections.services import client_for, note_error, note_ok
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from smartbis_admin.writes.kinds import Settlement, kind_of
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import FIRST_LOOK, close

log = structlog.get_logger(__name__)

#: A negative is believed only this long after the send …
MINIMUM_AGE = timedelta(seconds=60)
#: … and in two readings at least this far apart.
READINGS_APART = timedelta(seconds=30)
#: How far the platform's clock may differ from ours.
CLOCK_TOLERANCE = timedelta(seconds=120)
#: A pending write this old belongs to a process that died: no call takes that long.
ABANDONED_AFTER = timedelta(seconds=60)
#: While the platform cannot be read, look again after this.
READ_FAILED = timedelta(seconds=60)
#: How long a look holds the write, so that two workers do not read for the same one.
LOOK_LEASE = timedelta(minutes=10)


class AlreadySettledError(Exception):
    """The write was settled (or answered) by somebody else meanwhile."""


def absent_twice(write: Write, key: str, value: object) -> bool:
    """Whether this reading and an earlier one, both old enough, found `evidence[key] == value`.

    To be asked while looking *now*: this reading counts as the second.
    """
    if write.sent_at is None:
        return False
    now = timezone.now()
    if now - write.sent_at < MINIMUM_AGE:
        return False
    for reading in write.evidence:
        at = datetime.fromisoformat(reading["at"])
        if (
            reading["found"].get(key) == value
            and at - write.sent_at >= MINIMUM_AGE
            and now - at >= READINGS_APART
        ):
            return True
    return False


def next_negative_look(write: Write, *, apart: timedelta = READINGS_APART) -> float:
    """Seconds until the next reading that may count for a negative; longer where a reading is a burden."""
    age = timezone.now() - (write.sent_at or write.created_at)
    return max(apart.total_seconds(), (MINIMUM_AGE - age).total_seconds())


def notice_dead_processes() -> int:
    """Pending writes whose process died: in doubt if the call had left, not sent if it had not."""
    old = timezone.now() - ABANDONED_AFTER
    count = 0
    for write in Write.objects.filter(state=Write.State.PENDING, created_at__lt=old).select_related(
        "connection"
    ):
        if write.attempts == 0:
            count += close(write, Write.State.NOT_SENT, only_if_unsent=True, error="ProcessDied")
        elif write.sent_at is not None and write.sent_at < old:
            now = timezone.now()
            count += close(
                write,
                Write.State.IN_DOUBT,
                from_states=(Write.State.PENDING,),
                error="ProcessDied",
                gave_up_at=now,
                settle_after=now,
            )
    return count


def due_ids() -> list[str]:
    """Writes in doubt whose next look is due, oldest first."""
    due = Write.objects.filter(state=Write.State.IN_DOUBT, needs_person=False).filter(
        Q(settle_after=None) | Q(settle_after__lte=timezone.now())
    )
    return [str(pk) for pk in due.order_by("created_at").values_list("pk", flat=True)[:200]]


def look(write_id: str) -> Write:
    """Look at the evidence for one write in doubt, once. Safe to call twice at a time."""
    now = timezone.now()
    held = (
        Write.objects.filter(pk=write_id, state=Write.State.IN_DOUBT)
        .filter(Q(settle_after=None) | Q(settle_after__lte=now))
        .update(settle_after=now + LOOK_LEASE)
    )
    write = Write.objects.select_related("connection").get(pk=write_id)
    if not held:
        return write
    try:
        settlement = kind_of(write).settle(client_for(write.connection), write)
    except ApiError as error:
        note_error(write.connection, error)
        Write.objects.filter(pk=write.pk).update(settle_after=timezone.now() + READ_FAILED)
        write.refresh_from_db()
        return write
    except BaseException:
        Write.objects.filter(pk=write.pk).update(settle_after=timezone.now() + READ_FAILED)
        raise
    note_ok(write.connection)
    _conclude(write, settlement)
    return write


def _conclude(write: Write, settlement: Settlement) -> None:
    reading = {"at": timezone.now().isoformat(), "found": dict(settlement.found)}
    if settlement.proposal:
        reading["proposal"] = settlement.proposal
    evidence = [*write.evidence, reading][-20:]
    if settlement.state is not None:
        changes = {"evidence": evidence, "settled_reason": "evidence", **settlement.extra}
        if settlement.code:
            changes |= {"code": settlement.code, "message": settlement.message}
        close(
            write,
            settlement.state,
            record=settlement.record,
            from_states=(Write.State.IN_DOUBT,),
            **changes,
        )
        return
    Write.objects.filter(pk=write.pk, state=Write.State.IN_DOUBT).update(
        evidence=evidence,
        needs_person=settlement.needs_person,
        settle_after=timezone.now() + timedelta(seconds=settlement.again),
    )
    write.refresh_from_db()


def look_now(*, write: Write, by: User) -> Write:
    """A person asks to look again at once, also where the evidence was given up on."""
    Write.objects.filter(pk=write.pk, state=Write.State.IN_DOUBT).update(
        settle_after=timezone.now(), needs_person=False
    )
    audit(actor=by, action="write.looked", subject=f"write:{write.pk}")
    return look(str(write.pk))


def settle_by_person(*, write: Write, state: Write.State, by: User, reason: str) -> Write:
    """A person decides what happened, with a reason.

    Raises `ValueError` for a blank reason or a state the kind does not allow, `AlreadySettledError` when the
    write is no longer in doubt; then nothing changed.
    """
    if not reason.strip():
        raise ValueError("a reason is required")
    if state not in kind_of(write).person_may:
        raise ValueError(f"{write.kind} cannot be settled as {state}")
    with transaction.atomic():
        ours = close(
            write,
            state,
            from_states=(Write.State.IN_DOUBT,),
            settled_by_id=by.pk,
            settled_reason=reason.strip(),
        )
        if not ours:
            raise AlreadySettledError
        audit(actor=by, action="write.settled", subject=f"write:{write.pk}", state=state.value)
    return write


def release(*, write: Write, by: User, reason: str) -> None:
    """Let another write on the same subject go ahead although this one is in doubt (sales only).

    Evidence is never strong afterwards, because two effects can no longer be told apart.
    """
    if not reason.strip():
        raise ValueError("a reason is required")
    with transaction.atomic():
        released = Write.objects.filter(
            pk=write.pk, state=Write.State.IN_DOUBT, kind="register_sale", released_at=None
        ).update(released_at=timezone.now())
        if not released:
            raise AlreadySettledError
        audit(actor=by, action="write.released", subject=f"write:{write.pk}", reason=reason.strip())
    write.refresh_from_db()


__all__ = [
    "CLOCK_TOLERANCE",
    "FIRST_LOOK",
    "AlreadySettledError",
    "absent_twice",
    "due_ids",
    "look",
    "look_now",
    "next_negative_look",
    "notice_dead_processes",
    "release",
    "settle_by_person",
]
