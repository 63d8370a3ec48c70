"""What past sales would have brought with another rule, beside what the rule of today gives them.

Both rules meet the campaigns of each sale's own moment, so that only the rule makes the difference. Sales are read
in pieces and only sums and the greatest differences are kept: memory does not grow with the period. The row is the
job; its position moves by conditional update, so that two workers cannot count a piece twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from heapq import nlargest
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from customers.imports.models import Import, ImportRow
from customers.models import Sale
from customers.rules.arithmetic import NOTHING
from customers.rules.estimating import Circumstances, RuleBook
from customers.rules.models import TERMS, Simulation, Terms
from customers.rules.services import current_version
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write

log = structlog.get_logger(__name__)
State = Simulation.State

WORK_TASK = "customers.rules.tasks.work_simulation"
#: Sales read at once, and the most that are done while the person waits.
PIECE = AT_ONCE = 2000
#: Sales kept by name: those that differ most.
KEPT = 20
STALE_AFTER, LIFE = timedelta(seconds=60), timedelta(days=30)
SALES, FILES = "sales", "files"
_SUMS = (
    "amount",
    "cashback_before",
    "cashback_after",
    "points_before",
    "points_after",
    "cashback_given",
    "points_given",
)
_COUNTS = ("sales", "from_files", "left_out", "earned_before", "earned_after", "given")


@dataclass(frozen=True)
class Line:
    """One past sale under both rules. `given`: what the platform said it gave; None: not known."""

    sold_at: datetime
    amount: Decimal
    store: str
    cashback_before: Decimal
    cashback_after: Decimal
    points_before: Decimal
    points_after: Decimal
    cashback_given: Decimal | None = None
    points_given: Decimal | None = None
    #: The sale's page; empty for a row of a file.
    write: str = ""

    @property
    def distance(self) -> tuple[Decimal, Decimal]:
        """How far apart the two rules are here, for "those that differ most"."""
        return abs(self.cashback_after - self.cashback_before), abs(self.points_after - self.points_before)


def start(
    *,
    connection: Connection,
    terms: Mapping[str, Any],
    since: date,
    until: date,
    with_files: bool,
    by: User,
) -> Simulation:
    """Try `terms` on the sales of these local days. A few are done at once, many by a job."""
    tried = Simulation(
        connection=connection,
        base=current_version(connection),
        since=since,
        until=until,
        with_files=with_files,
        created_by=by,
        cursor={"source": SALES, "after": 0},
        heartbeat_at=timezone.now(),
        **{name: terms[name] for name in TERMS},
    )
    tried.expected_sales = _sales(tried).count() + (_file_rows(tried).count() if with_files else 0)
    tried.save()
    if tried.expected_sales <= AT_ONCE:
        work(tried.pk)
        tried.refresh_from_db()
    else:
        transaction.on_commit(lambda: ring(tried.pk))
    return tried


def ring(simulation_id: int) -> None:
    """Tell the workers that a simulation waits."""
    try:
        current_app.send_task(WORK_TASK, args=[simulation_id], expires=120, retry=False)
    except (OperationalError, OSError):
        # The row waits; the sweeper finds it.
        log.warning("doorbell_failed", simulation=simulation_id, exc_info=True)


def work(simulation_id: int) -> None:
    """Do a simulation to its end. Safe to call twice at a time."""
    book: RuleBook | None = None
    while True:
        tried = (
            Simulation.objects.select_related("connection", "base")
            .filter(pk=simulation_id, state=State.RUNNING)
            .first()
        )
        if tried is None:
            return
        book = book or RuleBook(tried.connection)
        if not _piece(tried, book):
            return


def sweep() -> None:
    """Ring for simulations nobody works on, and forget old ones."""
    now = timezone.now()
    stale = Simulation.objects.filter(state=State.RUNNING, heartbeat_at__lt=now - STALE_AFTER)
    for simulation_id in stale.values_list("pk", flat=True):
        ring(simulation_id)
    Simulation.objects.filter(created_at__lt=now - LIFE).delete()


def _piece(tried: Simulation, book: RuleBook) -> bool:
    """Count one piece. False: it is over, or somebody else counted this one."""
    source, after = tried.cursor["source"], tried.cursor["after"]
    rows = list(_rows(tried, source).filter(pk__gt=after).order_by("pk")[:PIECE])
    result = add(tried.result, compare(tried, book, rows), len(rows), source)
    changes: dict[str, Any] = {
        "result": result,
        "position": tried.position + len(rows),
        "heartbeat_at": timezone.now(),
    }
    if rows:
        changes["cursor"] = {"source": source, "after": rows[-1].pk}
    elif source == SALES and tried.with_files:
        changes["cursor"] = {"source": FILES, "after": 0}
    else:
        changes["state"] = State.DONE
    mine = Simulation.objects.filter(
        pk=tried.pk, state=State.RUNNING, position=tried.position, cursor=tried.cursor
    )
    return bool(mine.update(**changes)) and changes.get("state") != State.DONE


def lines(tried: Simulation) -> Iterator[Line]:
    """Every sale of a simulation under both rules, read while it is sent: memory does not grow."""
    book = RuleBook(tried.connection)
    for source in (SALES, FILES) if tried.with_files else (SALES,):
        after = 0
        while rows := list(_rows(tried, source).filter(pk__gt=after).order_by("pk")[:PIECE]):
            yield from compare(tried, book, rows)
            after = rows[-1].pk


def _rows(tried: Simulation, source: str) -> Any:
    if source == SALES:
        return _sales(tried).select_related("store")
    return _file_rows(tried).select_related("batch__store")


def _span(tried: Simulation) -> tuple[datetime, datetime]:
    """The first moment of the period and the first after it, on the account's clock."""
    zone = ZoneInfo(tried.connection.time_zone)
    ends = tried.since, tried.until + timedelta(days=1)
    begin, end = (datetime.combine(day, time.min, tzinfo=zone) for day in ends)
    return begin, end


def _sales(tried: Simulation) -> Any:
    """Our sales that the platform confirmed (S of `communication-and-rules.md` §4)."""
    begin, end = _span(tried)
    return Sale.objects.filter(
        connection=tried.connection, write__state=Write.State.DONE, sold_at__gte=begin, sold_at__lt=end
    )


def _file_rows(tried: Simulation) -> Any:
    """Sales of files that were checked and never sent: those that were are our sales already."""
    return ImportRow.objects.filter(
        batch__connection=tried.connection, batch__kind=Import.Kind.SALES, state=ImportRow.State.READY
    )


def compare(tried: Simulation, book: RuleBook, rows: Sequence[Sale | ImportRow]) -> list[Line]:
    """These rows under both rules. Rows of files outside the period, or without a date, are left out."""
    begin, end = _span(tried)
    found = []
    for row in rows:
        if isinstance(row, Sale):
            told = Circumstances(
                row.amount, row.sold_at, row.store, row.machine, row.payment_method, row.category
            )
            given = row.cashback_amount, row.points_earned, str(row.write_id)
        else:
            if not row.values.get("sold_at"):
                continue
            moment = datetime.fromisoformat(row.values["sold_at"])
            if not begin <= moment < end:
                continue
            told = Circumstances(Decimal(row.values["amount"]), moment, row.batch.store)
            given = None, None, ""
        before, after = _benefit(book, tried.base, told), _benefit(book, tried, told)
        store = told.store.name if told.store else ""
        found.append(Line(told.sold_at, told.amount, store, before[0], after[0], before[1], after[1], *given))
    return found


def _benefit(book: RuleBook, terms: Terms | None, told: Circumstances) -> tuple[Decimal, Decimal]:
    if terms is None:
        return NOTHING, NOTHING
    cashback, points, _campaigns = book.apply(terms, told)
    return cashback, points


def add(result: Mapping[str, Any], found: Iterable[Line], looked_at: int, source: str) -> dict[str, Any]:
    """The sums so far and these lines, as plain JSON: sums as text, the lines that differ most in order."""
    found = list(found)
    sums = {name: Decimal(result.get(name, "0")) for name in _SUMS}
    counts = {name: int(result.get(name, 0)) for name in _COUNTS}
    for line in found:
        for name in _SUMS:
            sums[name] += getattr(line, name) or 0
        counts["earned_before"] += bool(line.cashback_before or line.points_before)
        counts["earned_after"] += bool(line.cashback_after or line.points_after)
        counts["given"] += line.cashback_given is not None and line.points_given is not None
    counts["sales"] += len(found)
    if source == FILES:
        counts["from_files"] += len(found)
        counts["left_out"] += looked_at - len(found)
    most = nlargest(KEPT, [*greatest(result), *found], key=lambda line: line.distance)
    kept = [_packed(line) for line in most if any(line.distance)]
    return {**{name: str(value) for name, value in sums.items()}, **counts, "most": kept}


def _packed(line: Line) -> dict[str, str | None]:
    values = {name: getattr(line, name) for name in Line.__dataclass_fields__}
    return {name: None if value is None else str(value) for name, value in values.items()}


def greatest(result: Mapping[str, Any]) -> list[Line]:
    """The sales kept by name, the greatest difference first."""
    return [_unpacked(packed) for packed in result.get("most", [])]


def _unpacked(packed: Mapping[str, str | None]) -> Line:
    values: dict[str, Any] = dict(packed)
    for name in ("amount", *_SUMS[1:]):
        values[name] = None if values[name] is None else Decimal(values[name])
    return Line(**values | {"sold_at": datetime.fromisoformat(values["sold_at"])})
