"""The token and the pace of a connection, kept in one row that all processes share.

Both rest on conditional updates alone, so that they are right on every database. Implements the
ports of `smartbis_admin.api.ports`.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, connections, transaction
from django.db.models import BigIntegerField, Q, QuerySet
from django.utils import timezone

from smartbis_admin.api.errors import Unreachable
from smartbis_admin.api.ports import Token
from smartbis_admin.connections.models import WireState
from smartbis_admin.prepared import Prepared, Slot, executed

log = structlog.get_logger(__name__)

#: Seconds before its end from which a token is renewed (`smartbis-v2.md` §1).
RENEW_EARLY = timedelta(seconds=60)
#: How long a process that renews may be silent before another takes over: a person may be waiting at a till.
RENEWAL_LEASE = timedelta(seconds=2)
BEATS_PER_LEASE = 4
#: How long the others wait for a token at the most.
PATIENCE = timedelta(seconds=30)
#: How often a process that waits for another's renewal looks again, in seconds.
LOOK_AGAIN = 0.05
#: Nightly work reserves its places for so many seconds at once, so that a high pace does not cost a write for
#: each call; never more than so many places, or whoever comes next would wait for most of them in vain. At less
#: than ten calls a second every call is reserved by itself.
RESERVED_AT_ONCE = 0.2
PLACES_AT_ONCE = 10
#: The row's time becomes the later of itself and now, and what is reserved is added: nobody can step in between.
RESERVE = (
    "UPDATE connections_wirestate SET next_call_at = "
    "CASE WHEN next_call_at > %s THEN next_call_at ELSE %s END + %s "
    "WHERE connection_id = %s RETURNING next_call_at"
)

_TOKEN = Prepared(
    lambda: WireState.objects.filter(pk=Slot("connection", BigIntegerField())).values_list(
        "token", "token_expires_at"
    )
)


class DatabaseTokenStore:
    """A connection's token in its `WireState` row; renewed by one process at a time."""

    def __init__(self, connection_id: int) -> None:
        self._connection_id = connection_id
        self._rows = WireState.objects.filter(pk=connection_id)

    def get(self) -> Token | None:
        """The stored token, whatever its age."""
        [(token, expires_at)] = _TOKEN.rows(connection=self._connection_id)
        return Token(token["value"], expires_at) if token and expires_at else None

    def renew(self, rejected: str | None, fetch: Callable[[], Token]) -> Token:
        """Return a usable token other than `rejected`; `fetch` runs in one process only.

        A process that is heard of no more is waited for until the end of its short lease. Raises what `fetch`
        raises, and `Unreachable` when another process held the renewal for too long.
        """
        deadline = time.monotonic() + PATIENCE.total_seconds()
        while time.monotonic() < deadline:
            now = timezone.now()
            stored = self._usable(rejected, now)
            if stored:
                return stored
            free = Q(renewing_until=None) | Q(renewing_until__lt=now)
            lease = now + RENEWAL_LEASE
            if self._rows.filter(free).update(renewing_until=lease):
                return self._renew_as_holder(rejected, fetch, lease)
            time.sleep(LOOK_AGAIN)
        raise Unreachable("token renewal is held by another process")

    def _renew_as_holder(self, rejected: str | None, fetch: Callable[[], Token], lease: datetime) -> Token:
        """The lease is ours until somebody took it over; then nothing of theirs is touched."""
        holder = _Holder(self._rows, lease)
        try:
            # Another process may have finished between our look and our claim.
            token = self._usable(rejected, timezone.now())
            if token is None:
                with holder.heard_of():
                    token = fetch()
                holder.row.update(token={"value": token.value}, token_expires_at=token.expires_at)
            return token
        finally:
            holder.row.update(renewing_until=None)

    def _usable(self, rejected: str | None, now: datetime) -> Token | None:
        """The stored token if it may be used instead of the rejected one."""
        stored = self.get()
        usable = stored is not None and stored.value != rejected and self._fresh(stored, now, rejected)
        return stored if usable else None

    @staticmethod
    def _fresh(token: Token, now: datetime, rejected: str | None) -> bool:
        # After a 401 a token another process just stored is taken as it is; otherwise it must have life left.
        return token.expires_at > (now if rejected else now + RENEW_EARLY)


class _Holder:
    """Who renews: its lease is short, because it may be killed, and it beats while it waits for the platform."""

    def __init__(self, rows: QuerySet[WireState], lease: datetime) -> None:
        self._rows = rows
        self._lease = lease

    @property
    def row(self) -> QuerySet[WireState]:
        """The connection's row, as long as nobody took the renewal over."""
        return self._rows.filter(renewing_until=self._lease)

    @contextmanager
    def heard_of(self) -> Iterator[None]:
        """Extend the lease beside the work; not inside a caller's transaction, which a thread would wait for."""
        if transaction.get_connection().in_atomic_block:
            yield
            return
        done = threading.Event()
        thread = threading.Thread(target=self._beat, args=(done,), name="token-renewal", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _beat(self, done: threading.Event) -> None:
        while not done.wait(RENEWAL_LEASE.total_seconds() / BEATS_PER_LEASE):
            later = timezone.now() + RENEWAL_LEASE
            try:
                if self.row.update(renewing_until=later):
                    self._lease = later
            except DatabaseError:
                log.warning("token_beat_missed", exc_info=True)
            finally:
                # Beats are rare: a connection of the thread's own is not worth keeping between two.
                connections.close_all()


class DatabasePace:
    """The own ceiling of calls a second (generic cell rate algorithm) over one shared number.

    A person at a till may use a short burst; nightly work may not, so a till never waits behind a
    queue of pages for more than the pages already on their way.
    """

    BURST = 5

    def __init__(self, connection_id: int, *, per_second: float, interactive: bool) -> None:
        self._connection_id = connection_id
        self._rows = WireState.objects.filter(pk=connection_id)
        self._interval = 1 / per_second
        self._tolerance = (self.BURST - 1) * self._interval if interactive else 0.0
        reserved = min(PLACES_AT_ONCE, int(RESERVED_AT_ONCE * per_second))
        self._at_once = 1 if interactive else max(1, reserved)
        #: When the first of the reserved places comes, and how many are used up.
        self._first, self._used = 0.0, self._at_once
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Reserve the next place in the row and sleep until it comes."""
        with self._lock:
            place, now = self._place()
        delay = place - self._tolerance - now
        if delay > 0:
            time.sleep(delay)

    def _place(self) -> tuple[float, float]:
        """When the next call may leave, and what the time is."""
        while True:
            now = time.time()
            # A place long past would be a burst beside what others were promised since, also where it passed
            # while the reservation waited for the database.
            past = math.ceil((now - RESERVED_AT_ONCE - self._first) / self._interval)
            self._used = max(self._used, past)
            if self._used < self._at_once:
                place = self._first + self._used * self._interval
                self._used += 1
                return place, now
            self._first, self._used = self._reserve(now), 0

    def _reserve(self, now: float) -> float:
        """Reserve the next places in the row, by one statement; return when the first comes."""
        taken = self._at_once * self._interval
        database = connections[self._rows.db]
        [(following,)], _count = executed(database, RESERVE, [now, now, taken, self._connection_id])
        return float(following) - taken

    def penalise(self, seconds: float) -> None:
        """Hold every call of the connection back for so many seconds."""
        until = time.time() + seconds + self._tolerance
        with self._lock:
            self._used = self._at_once
            self._rows.filter(next_call_at__lt=until).update(next_call_at=until)
