"""What all three roads do with sales they read: store each once, and see what changed in one known already.

Identity is (bridge, id); the road does not matter (`smartpos.md` §2.5). Five hundred at a time, each batch one
transaction of a few queries. Nothing here looks for customers or sends; that is the worker's (`working.py`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from customers.bridge import life, matching
from customers.bridge.content import CORE, columns_of, differing, digests, unusable
from customers.bridge.issues import Problem, keep_problems
from customers.bridge.models import Bridge, PosSale, PosSaleEvent, Road
from customers.bridge.places import Places
from customers.bridge.transitions import TRANSITIONS, Event
from smartbis_admin.api.pos import BadRow, PosSaleRecord

#: Sales stored in one transaction.
BATCH = 500
_TRIES = 4
_BUYER = ("buyer_cpf", "buyer_phone", "buyer_email", "buyer_name")
#: A status is only ever followed by a later one: an old file does not undo a cancellation.
_RANK = {"unknown": 0, "approved": 1, "cancelled": 2, "refunded": 3}
#: The time of the last event is written at most this often while sales stream in.
_STEP = timedelta(seconds=5)


@dataclass
class Receipt:
    """What became of what was received: counts, and what was refused."""

    new: int = 0
    changed: int = 0
    duplicates: int = 0
    rejected: list[BadRow] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Sales that told us something."""
        return self.new + self.changed


@dataclass(frozen=True)
class _Arrival:
    """One sale as it came: its columns and hashes."""

    remote_id: str
    status: str
    columns: dict[str, Any]
    digest: str
    core_digest: str

    @classmethod
    def of(cls, record: PosSaleRecord) -> "_Arrival":
        columns = columns_of(record)
        return cls(record.id, record.status.value, columns, *digests(columns))


def receive(
    *,
    bridge: Bridge,
    records: Iterable[PosSaleRecord],
    road: Road,
    bad: Sequence[BadRow] = (),
    places: Places | None = None,
    within: timedelta = timedelta(0),
) -> Receipt:
    """Store sales of one feed. `bad`: rows the feed could not read; they are kept as problems too.

    `within` is how exactly times are told (a file may know the day only). A caller with many batches hands in
    one `places`. Each batch of 500 is stored wholly or, when the database fails, not at all.
    """
    now, receipt = timezone.now(), Receipt(rejected=list(bad))
    places = places or Places(bridge)
    problems = [Problem(row.reason, row.id or "") for row in bad]
    rest = iter(records)
    while batch := list(islice(rest, BATCH)):
        usable: list[_Arrival] = []
        for record in batch:
            if reason := unusable(record, now=now):
                receipt.rejected.append(BadRow(record.id, "", reason))
                problems.append(Problem(reason, record.id))
            else:
                usable.append(_Arrival.of(record))
        for once in _without_repeats(usable):
            problems += _store(bridge, once, road, places, within, receipt)
    keep_problems(bridge, road, problems)
    if receipt.accepted:
        old = Q(last_event_at=None) | Q(last_event_at__lt=now - _STEP)
        Bridge.objects.filter(old, pk=bridge.pk).update(last_event_at=now)
    return receipt


def _without_repeats(arrivals: Sequence[_Arrival]) -> Iterator[list[_Arrival]]:
    """The same in rounds in which every id stands once, so that a second one meets the first as stored."""
    left = list(arrivals)
    while left:
        seen: set[str] = set()
        once: list[_Arrival] = []
        again: list[_Arrival] = []
        for arrival in left:
            (again if arrival.remote_id in seen else once).append(arrival)
            seen.add(arrival.remote_id)
        yield once
        left = again


def _store(
    bridge: Bridge,
    arrivals: list[_Arrival],
    road: Road,
    places: Places,
    within: timedelta,
    receipt: Receipt,
) -> list[Problem]:
    problems = places.prepare(
        (
            (told["machine_remote_id"], told["acquirer"], told["terminal_serial"], told["store_remote_id"])
            for told in (arrival.columns for arrival in arrivals)
        ),
        (arrival.columns["store_remote_id"] for arrival in arrivals),
    )
    made, changed = _store_unless_rivalled(bridge, arrivals, road, places, within)
    receipt.new += len(made)
    receipt.changed += len(changed)
    receipt.duplicates += len(arrivals) - len(made) - len(changed)
    latest: dict[str, datetime] = {}
    for sale in made:
        latest[sale.machine_remote_id] = max(sale.sold_at, latest.get(sale.machine_remote_id, sale.sold_at))
    places.note_sales(latest)
    matching.look_again([sale for sale, other in changed if any(name in other for name in _BUYER)])
    return problems


def _store_unless_rivalled(
    bridge: Bridge, arrivals: list[_Arrival], road: Road, places: Places, within: timedelta
) -> tuple[list[PosSale], list[tuple[PosSale, dict[str, Any]]]]:
    """The same sales may be coming in by another road at this moment: then they are known the next time round."""
    for _try in range(_TRIES - 1):
        try:
            with transaction.atomic():
                return _store_once(bridge, arrivals, road, places, within)
        except IntegrityError:
            continue
    with transaction.atomic():
        return _store_once(bridge, arrivals, road, places, within)


def _store_once(
    bridge: Bridge, arrivals: list[_Arrival], road: Road, places: Places, within: timedelta
) -> tuple[list[PosSale], list[tuple[PosSale, dict[str, Any]]]]:
    """The sales that are new, and those that changed with the columns they changed in."""
    # In one order, so that two roads with the same sales wait for each other instead of blocking each other.
    arrivals = sorted(arrivals, key=lambda arrival: arrival.remote_id)
    known = _known(bridge, arrivals)
    now = timezone.now()
    made = [
        _new_sale(bridge, arrival, road, places, now)
        for arrival in arrivals
        if arrival.remote_id not in known
    ]
    PosSale.objects.bulk_create(made)
    PosSaleEvent.objects.bulk_create(
        PosSaleEvent(
            sale=sale, at=now, event=Event.STORED, to_state=TRANSITIONS[("", Event.STORED)], reason=road
        )
        for sale in made
    )
    told = {arrival.remote_id: arrival for arrival in arrivals}
    changed = []
    for row in sorted(known.values(), key=lambda row: row.pk):
        if not _is_repeat(row, told[row.remote_id], within):
            other = _change(row.pk, told[row.remote_id], places, within)
            if other is not None:
                changed.append(other)
    return made, changed


def _known(bridge: Bridge, arrivals: Sequence[_Arrival]) -> dict[str, PosSale]:
    ids = [arrival.remote_id for arrival in arrivals]
    return {row.remote_id: row for row in PosSale.objects.filter(bridge=bridge, remote_id__in=ids)}


def _new_sale(bridge: Bridge, arrival: _Arrival, road: Road, places: Places, now: datetime) -> PosSale:
    machine = places.machine(arrival.columns["machine_remote_id"])
    return PosSale(
        bridge=bridge,
        remote_id=arrival.remote_id,
        road=road,
        machine=machine,
        store_id=places.store_id(machine, arrival.columns["store_remote_id"]),
        status=arrival.status,
        digest=arrival.digest,
        core_digest=arrival.core_digest,
        state=TRANSITIONS[("", Event.STORED)],
        state_since=now,
        received_at=now,
        **arrival.columns,
    )


def _is_repeat(row: PosSale, arrival: _Arrival, within: timedelta) -> bool:
    """Whether an arrival says nothing new. The answer is asked again under the row's lock before anything changes."""
    if _RANK[arrival.status] > _RANK[row.status]:
        return False
    return arrival.digest == row.digest or not _news(row, arrival, within)


def _news(row: PosSale, arrival: _Arrival, within: timedelta) -> dict[str, Any]:
    stored = {name: getattr(row, name) for name in arrival.columns}
    other = differing(stored, arrival.columns, within=within)
    if arrival.core_digest == row.core_digest:
        # Buyer data may have been erased since: the hash knows that it is the same.
        return {name: value for name, value in other.items() if name not in CORE}
    return other


def _change(
    key: int, arrival: _Arrival, places: Places, within: timedelta
) -> tuple[PosSale, dict[str, Any]] | None:
    """Bring one known sale to what arrived. None: there was nothing to change after all."""
    row = PosSale.objects.select_for_update(of=("self",)).select_related("write").get(pk=key)
    if _is_repeat(row, arrival, within):
        return None
    other = {} if arrival.digest == row.digest else _news(row, arrival, within)
    if other:
        if row.write_id is not None and any(name in CORE for name in other):
            _keep_beside(row, other)
        else:
            _apply(row, other, places)
    PosSale.objects.filter(pk=key).update(digest=arrival.digest)
    if _RANK[arrival.status] > _RANK[row.status]:
        cancelled = row.status == PosSale.Status.APPROVED
        PosSale.objects.filter(pk=key).update(status=arrival.status)
        row.status = arrival.status
        if cancelled and (row.state, Event.CANCELLED) in TRANSITIONS:
            life.move(row, Event.CANCELLED)
    return row, other


def _apply(row: PosSale, other: dict[str, Any], places: Places) -> None:
    """Nothing was sent yet: the new content is the content."""
    for name, value in other.items():
        setattr(row, name, value)
    row.core_digest = digests({name: getattr(row, name) for name in CORE})[1]
    row.machine = places.machine(row.machine_remote_id)
    row.store_id = places.store_id(row.machine, row.store_remote_id)
    row.save(update_fields=[*other, "core_digest", "machine", "store"])
    life.note_events([row], Event.CHANGED, note=", ".join(sorted(_shown(other))))


def _keep_beside(row: PosSale, other: dict[str, Any]) -> None:
    """A send was attempted with the content we have: the new one waits for a person."""
    PosSale.objects.filter(pk=row.pk).update(
        later_content={
            name: value.isoformat() if isinstance(value, datetime) else str(value)
            for name, value in other.items()
        }
    )
    life.flag([row], "changed_after_send", note=", ".join(sorted(_shown(other))))


def _shown(other: dict[str, Any]) -> set[str]:
    """What changed, in words of the contract and without any value."""
    return {"customer" if name in _BUYER else name for name in other}
