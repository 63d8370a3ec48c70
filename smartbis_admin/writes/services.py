"""Safe writes: commit the intent, make the call with no transaction open, set the outcome conditionally.

Only a call that never left may be sent again. A lost answer is in doubt: never resent, settled by
evidence (`settling.py`) or a person. Source: `architecture.md` mechanism 2, `smartbis-v2.md` §4.
"""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

import msgspec
import structlog
from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, F, JSONField, QuerySet, SmallIntegerField, UUIDField
from django.utils import timezone

from smartbis_admin.api.errors import ApiError, InDoubt, Refused
from smartbis_admin.api.records import Record
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import kept_client_for, note_answer, note_error
from smartbis_admin.prepared import PreparedUpdate, Slot
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.writes.kinds import kind_named, kind_of
from smartbis_admin.writes.models import Write

R = TypeVar("R", bound=Record)
log = structlog.get_logger(__name__)

#: First look at the evidence of a write in doubt; a negative needs more age (see `settling.py`).
FIRST_LOOK = timedelta(seconds=5)


class NotSupportedError(Exception):
    """The connection's platform has no such call. Screens do not offer it; nothing was recorded."""


class SubjectBusyError(Exception):
    """Another write on the same subject is open; `write` is that one. Wait until it is settled."""

    def __init__(self, write: Write) -> None:
        super().__init__(f"write {write.pk} on the same subject is open")
        self.write = write


def new_write(
    *,
    id: uuid.UUID,
    connection: Connection,
    kind: str,
    payload: Mapping[str, Any],
    subject: str = "",
    actor: User | None = None,
    store: Store | None = None,
    till: Till | None = None,
    before: Mapping[str, Any] | None = None,
) -> Write:
    """An intent that is not stored yet. Raises `NotSupportedError` where the platform cannot do it.

    Storing it raises `IntegrityError` while the same `id` or another open write on the subject exists.
    """
    if not connection.can(kind_named(kind).capability):
        raise NotSupportedError(f"{connection.provider} has no {kind}")
    return Write(
        id=id,
        connection=connection,
        kind=kind,
        payload=dict(payload),
        subject=subject,
        actor=actor,
        store=store,
        till=till,
        before=dict(before or {}),
    )


def open_write(
    *,
    id: uuid.UUID,
    connection: Connection,
    kind: str,
    payload: Mapping[str, Any],
    subject: str = "",
    actor: User | None = None,
    store: Store | None = None,
    till: Till | None = None,
    before: Mapping[str, Any] | None = None,
) -> tuple[Write, bool]:
    """Commit an intent (or join the caller's transaction). Returns it, and whether it is new.

    The same `id` again returns the first one untouched, so that a second press of a button cannot act
    twice. Raises `SubjectBusyError` while another write on the same subject is open, `NotSupportedError`
    where the platform cannot do it.
    """
    try:
        with transaction.atomic():
            write = new_write(
                id=id, connection=connection, kind=kind, payload=payload, subject=subject,
                actor=actor, store=store, till=till, before=before,
            )  # fmt: skip
            write.save(force_insert=True)
    except IntegrityError:
        known = Write.objects.filter(pk=id).first()
        if known:
            return known, False
        rival = Write.objects.filter(
            connection=connection, subject=subject, state__in=Write.OPEN, released_at=None
        ).first()
        if rival is None:
            # It was settled between our insert and this look: try once more.
            return open_write(
                id=id, connection=connection, kind=kind, payload=payload, subject=subject,
                actor=actor, store=store, till=till, before=before,
            )  # fmt: skip
        raise SubjectBusyError(rival) from None
    return write, True


def send(write: Write, *, secrets: Mapping[str, str] | None = None) -> Write:
    """Make the call of a pending write and set its outcome. Returns the write as it stands afterwards.

    Whoever wins the conditional update of `attempts` sends; anybody else gets the present state. No
    transaction is open during the call. `secrets` (a customer's password) are passed through, never kept.
    """
    kind = kind_of(write)
    try:
        client = kept_client_for(write.connection)
        before = dict(write.before) | dict(kind.prepare(client, write))
    except Refused as error:
        # A check before the call (stock changed meanwhile, …) said no: nothing left.
        return _finish(write, Write.State.REFUSED, error=error, only_if_unsent=True)
    except ApiError as error:
        return _finish(write, Write.State.NOT_SENT, error=error, only_if_unsent=True)
    now = timezone.now()
    claim = _claim(first=write.sent_at is None)
    if not claim(pk=write.pk, attempts=write.attempts, sent_at=write.sent_at, now=now, before=before):
        write.refresh_from_db()
        return write
    write.attempts, write.sent_at, write.before = write.attempts + 1, now, before
    try:
        record = kind.send(client, write, secrets or {})
    except Refused as error:
        note_answer(write.connection)
        return _finish(write, Write.State.REFUSED, error=error)
    except InDoubt as error:
        note_error(write.connection, error)
        return _finish(write, Write.State.IN_DOUBT, error=error)
    except ApiError as error:
        note_error(write.connection, error)
        return _finish(write, Write.State.NOT_SENT, error=error)
    except Exception:
        # A fault of ours after the request may have left: the truth is unknown, so say that first.
        _finish(write, Write.State.IN_DOUBT)
        raise
    note_answer(write.connection)
    return _finish(write, Write.State.DONE, record=record)


@cache
def _claim(*, first: bool) -> PreparedUpdate:
    """The conditional update that decides who sends a write. `first`: it was never sent before."""

    def rows() -> QuerySet[Write]:
        pending = Write.objects.filter(pk=Slot("pk", UUIDField()), state=Write.State.PENDING)
        same = pending.filter(attempts=Slot("attempts", SmallIntegerField()))
        return same.filter(sent_at=None if first else Slot("sent_at", DateTimeField()))

    return PreparedUpdate(
        rows,
        attempts=F("attempts") + 1,
        sent_at=Slot("now", DateTimeField()),
        before=Slot("before", JSONField()),
    )


def perform(*, secrets: Mapping[str, str] | None = None, **intent: Any) -> Write:
    """`open_write` and, if it is new or never left, `send`."""
    write, _new = open_write(**intent)
    if write.state == Write.State.NOT_SENT:
        write = reopen(write)
    if write.state == Write.State.PENDING and write.attempts == 0:
        write = send(write, secrets=secrets)
    return write


def reopen(write: Write) -> Write:
    """Make a write that never left pending again, keeping its identity.

    Raises `SubjectBusyError` when another write on its subject has been opened meanwhile.
    """
    try:
        with transaction.atomic():
            Write.objects.filter(pk=write.pk, state=Write.State.NOT_SENT).update(
                state=Write.State.PENDING,
                attempts=0,
                error="",
                error_cause="",
                reference="",
                finished_at=None,
            )
    except IntegrityError:
        rival = Write.objects.get(
            connection=write.connection, subject=write.subject, state__in=Write.OPEN, released_at=None
        )
        raise SubjectBusyError(rival) from None
    write.refresh_from_db()
    return write


def close(
    write: Write,
    state: Write.State,
    *,
    record: Record | None = None,
    from_states: tuple[Write.State, ...] = Write.OPEN,
    only_if_unsent: bool = False,
    **changes: Any,
) -> bool:
    """Set an outcome if the write is still in one of `from_states`; its kind's consequences go with it.

    `only_if_unsent`: also only while nobody has started the call. Returns whether it was us. The write
    object is brought up to date either way.
    """
    now = timezone.now()
    if state != Write.State.IN_DOUBT:
        changes["finished_at"] = now
    if record is not None:
        changes["result"] = msgspec.to_builtins(record)
    closing = _closing(from_states, only_if_unsent, frozenset(changes))
    with transaction.atomic():
        ours = bool(closing(pk=write.pk, state=state, **changes))
        if ours:
            write.state = state
            for name, value in changes.items():
                setattr(write, name, value)
            kind_of(write).outcome(write, record)
        else:
            write.refresh_from_db()
    if ours:
        log.info("write", kind=write.kind, write=str(write.pk), state=state.value, code=write.code)
    return ours


@cache
def _closing(
    from_states: tuple[Write.State, ...], only_if_unsent: bool, names: frozenset[str]
) -> PreparedUpdate:
    """The conditional update that sets an outcome, with `names` of what changes beside the state."""
    fields: dict[str, Any] = {name: Write._meta.get_field(name) for name in ("state", *names)}

    def rows() -> QuerySet[Write]:
        still = Write.objects.filter(pk=Slot("pk", UUIDField()), state__in=from_states)
        return still.filter(attempts=0) if only_if_unsent else still

    return PreparedUpdate(rows, **{name: Slot(name, field) for name, field in fields.items()})


def _finish(
    write: Write,
    state: Write.State,
    *,
    error: ApiError | None = None,
    record: Record | None = None,
    only_if_unsent: bool = False,
) -> Write:
    """Set what the call ended in. A late answer also settles a write the sweeper put in doubt meanwhile."""
    changes: dict[str, Any] = {}
    if error is not None:
        changes |= {
            "error": type(error).__name__,
            "error_cause": error.reason,
            "reference": error.reference,
        }
    if isinstance(error, Refused):
        changes |= {
            "code": error.code,
            "message": error.message,
            "field_errors": {name: list(texts) for name, texts in error.fields.items()},
            "result": {"used_at": error.used_at.isoformat()} if error.used_at else {},
        }
    if state == Write.State.IN_DOUBT:
        now = timezone.now()
        changes |= {"gave_up_at": now, "settle_after": now + FIRST_LOOK}
        if isinstance(error, InDoubt) and error.alert:
            changes["alert"] = error.alert
    close(write, state, record=record, only_if_unsent=only_if_unsent, **changes)
    return write


def result_as(write: Write, kind: type[R]) -> R | None:
    """The platform's answer of a write that is done, or None where it gave no details."""
    return msgspec.convert(write.result, kind, strict=False) if write.result else None
