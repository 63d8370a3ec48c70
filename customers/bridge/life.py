"""The life of a card machine's sale: the only code that takes a step of `transitions.py`.

Whatever is not in that table cannot happen. A step is a conditional update
under the row's lock together with its event, so that of two that want to move a sale one does, and the log
is the truth. Knows nothing of why a step is taken: matching, checks, sending and people decide that.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from customers.bridge.models import PosReversal, PosSale, PosSaleEvent
from customers.bridge.transitions import (
    CANCELLED_BEFORE,
    FIXED_REASONS,
    OVERRULABLE,
    TRANSITIONS,
    WHY_UNIDENTIFIED,
    Event,
)
from customers.models import Customer
from smartbis_admin.staff.models import User

State = PosSale.State


#: States that show why they are there.
_WITH_REASON = (State.UNIDENTIFIED, State.INELIGIBLE, State.REJECTED)
#: What is over with this intent: the next one is new.
_NEW_INTENT = {"write": None, "attempt": F("attempt") + 1}


class ImpossibleStepError(Exception):
    """The table has no such step from where the sale stands; nothing changed."""

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"{event} cannot happen to a sale that is {state}")
        self.state, self.event = state, event


@dataclass
class Step:
    """One step wanted: `sale` as it was read, what happened, and columns of this sale alone that go with it."""

    sale: PosSale
    event: Event
    reason: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def move(
    sale: PosSale,
    event: Event,
    *,
    reason: str = "",
    actor: User | None = None,
    note: str = "",
    **changes: Any,
) -> bool:
    """Take one step with one sale; see `move_many`. Returns whether it was us."""
    return bool(move_many([Step(sale, event, reason, changes)], actor=actor, note=note))


def move_many(steps: Sequence[Step], *, actor: User | None = None, note: str = "") -> list[PosSale]:
    """Take steps, each with its event, in one transaction and a few queries. Returns the sales that moved.

    A sale somebody else moved since it was read stays as that left it, and so does one whose step is not
    open at this moment (a cancellation while an intent is open). The sale objects are brought up to date
    either way. Raises `ImpossibleStepError` when the table has no such step from the state a sale was read in.
    """
    for step in steps:
        if (step.sale.state, step.event) not in TRANSITIONS:
            raise ImpossibleStepError(step.sale.state, step.event)
    now = timezone.now()
    with transaction.atomic():
        current = _locked([step.sale.pk for step in steps])
        taken = [step for step in steps if _open(current[step.sale.pk], step)]
        _store_own_columns(taken)
        groups: defaultdict[tuple[str, Event, str, State], list[Step]] = defaultdict(list)
        for step in taken:
            row = current[step.sale.pk]
            target = _target(row, step.event)
            groups[(row.state, step.event, _reason(step, target), target)].append(step)
        events: list[PosSaleEvent] = []
        for (state, event, reason, target), group in groups.items():
            rows = PosSale.objects.filter(pk__in=[step.sale.pk for step in group], state=state)
            rows.update(**_columns(state, event, target, reason, now))
            events += [
                PosSaleEvent(
                    sale_id=step.sale.pk, at=now, event=event, from_state=state, to_state=target,
                    reason=reason, note=note, actor=actor,
                )
                for step in group
            ]  # fmt: skip
        PosSaleEvent.objects.bulk_create(events, batch_size=500)
        _keep_reversals([step.sale.pk for step in taken], [step.event for step in taken], now)
    _bring_up_to_date([step.sale for step in steps])
    return [step.sale for step in taken]


def flag(
    sales: Sequence[PosSale], name: str, *, raised: bool = True, actor: User | None = None, note: str = ""
) -> int:
    """Raise or lower `conflicting_data` or `changed_after_send` where it is not so yet. Returns how many."""
    if name not in ("conflicting_data", "changed_after_send"):
        raise ValueError(f"{name} is no flag of its own")
    with transaction.atomic():
        current = _locked([sale.pk for sale in sales])
        changed = [sale for sale in sales if getattr(current[sale.pk], name) != raised]
        PosSale.objects.filter(pk__in=[sale.pk for sale in changed]).update(**{name: raised})
        event = Event.FLAGGED if raised else Event.UNFLAGGED
        note_events([current[sale.pk] for sale in changed], event, reason=name, actor=actor, note=note)
    for sale in changed:
        setattr(sale, name, raised)
    return len(changed)


def change_customer(sale: PosSale, customer: Customer, *, actor: User | None, note: str = "") -> bool:
    """Link another customer without a step, while no intent is open. Returns whether it was done.

    Whether the sale may have another customer where it stands is for the caller to know.
    """
    link = {"connection_id": customer.connection_id, "customer_remote_id": customer.remote_id}
    with transaction.atomic():
        row = _locked([sale.pk])[sale.pk]
        if row.state != sale.state or row.is_being_sent:
            return False
        PosSale.objects.filter(pk=sale.pk).update(**link, linked_by=actor)
        note_events([row], Event.LINKED, actor=actor, note=note)
    for name, value in link.items():
        setattr(sale, name, value)
    sale.linked_by = actor
    _forget_customer(sale)
    return True


def note_events(
    sales: Sequence[PosSale], event: Event, *, reason: str = "", actor: User | None = None, note: str = ""
) -> None:
    """Write down what happened to sales that stay in their state."""
    now = timezone.now()
    PosSaleEvent.objects.bulk_create(
        [
            PosSaleEvent(
                sale_id=sale.pk, at=now, event=event, from_state=sale.state, to_state=sale.state,
                reason=reason, note=note, actor=actor,
            )
            for sale in sales
        ],
        batch_size=500,
    )  # fmt: skip


def explain_again(sales: Mapping[PosSale, str]) -> None:
    """Another reason why sales are unidentified, after their buyer was looked for again."""
    with transaction.atomic():
        current = _locked([sale.pk for sale in sales])
        for sale, reason in sales.items():
            row = current[sale.pk]
            if row.state == State.UNIDENTIFIED and row.reason != reason and reason in WHY_UNIDENTIFIED:
                PosSale.objects.filter(pk=sale.pk).update(reason=reason)
                sale.reason = reason
                note_events([row], Event.NOT_FOUND, reason=reason)


def can(sale: PosSale, event: Event) -> bool:
    """Whether the step is open as the sale was read; for screens. The step itself asks again."""
    return (sale.state, event) in TRANSITIONS and _open(sale, Step(sale, event))


def _locked(keys: Sequence[int]) -> dict[int, PosSale]:
    rows = PosSale.objects.select_for_update(of=("self",)).select_related("write").filter(pk__in=keys)
    # In one order, so that two batches wait for each other instead of blocking each other.
    return {row.pk: row for row in rows.order_by("pk")}


def _open(row: PosSale, step: Step) -> bool:
    """Whether the step is open to the sale as it stands now."""
    if row.state != step.sale.state:
        return False
    match row.state, step.event:
        case State.ELIGIBLE, Event.CANCELLED:
            return not row.is_being_sent
        case ((State.REGISTERED | State.IN_DOUBT), Event.CANCELLED):
            return not row.reversal_due
        case State.REGISTERED, Event.REVERSED:
            return row.reversal_due
        case State.INELIGIBLE, Event.OVERRULED:
            return row.reason in OVERRULABLE and row.customer_remote_id is not None
    return True


def _target(row: PosSale, event: Event) -> State:
    if event == Event.SETTLED_NEGATIVE and row.reversal_due:
        return State.INELIGIBLE
    return TRANSITIONS[(row.state, event)]


def _reason(step: Step, target: State) -> str:
    if step.event == Event.SETTLED_NEGATIVE and target == State.INELIGIBLE:
        return CANCELLED_BEFORE
    if step.event == Event.CANCELLED and target != State.INELIGIBLE:
        return "reversal_due"
    return FIXED_REASONS.get(step.event, step.reason)


def _columns(state: str, event: Event, target: State, reason: str, now: datetime) -> dict[str, Any]:
    """What the step writes beside the columns of one sale alone."""
    columns: dict[str, Any] = {}
    if target != state:
        columns = {"state": target, "state_since": now, "reason": reason if target in _WITH_REASON else ""}
    if event in (Event.SETTLED_NEGATIVE, Event.CORRECTED):
        columns |= _NEW_INTENT
    if event == Event.CANCELLED and target != State.INELIGIBLE:
        columns["reversal_due"] = True
    if event == Event.REVERSED or (event == Event.SETTLED_NEGATIVE and target == State.INELIGIBLE):
        columns["reversal_due"] = False
    return columns


def _store_own_columns(steps: Sequence[Step]) -> None:
    """Columns that differ from sale to sale, such as the customer that was found."""
    own = [step for step in steps if step.changes]
    if not own:
        return
    names = sorted({name for step in own for name in step.changes})
    for step in own:
        for name, value in step.changes.items():
            setattr(step.sale, name, value)
        _forget_customer(step.sale)
    PosSale.objects.bulk_update([step.sale for step in own], names, batch_size=500)


def _keep_reversals(keys: Sequence[int], events: Sequence[Event], now: datetime) -> None:
    """Open the case of what has to be reversed; drop that of what was never registered."""
    cancelled = [key for key, event in zip(keys, events, strict=True) if event == Event.CANCELLED]
    if cancelled:
        due = PosSale.objects.filter(pk__in=cancelled, reversal_due=True).values_list("pk", "status")
        PosReversal.objects.bulk_create(
            [PosReversal(sale_id=key, opened_at=now, cause=status) for key, status in due],
            ignore_conflicts=True,
        )
    settled = [key for key, event in zip(keys, events, strict=True) if event == Event.SETTLED_NEGATIVE]
    if settled:
        PosReversal.objects.filter(sale__in=settled, dropped_at=None).update(dropped_at=now)


def _bring_up_to_date(sales: Sequence[PosSale]) -> None:
    names = ("state", "reason", "state_since", "reversal_due", "write_id", "attempt")
    stored = {row.pk: row for row in PosSale.objects.filter(pk__in=[sale.pk for sale in sales]).only(*names)}
    for sale in sales:
        for name in names:
            setattr(sale, name, getattr(stored[sale.pk], name))


def _forget_customer(sale: PosSale) -> None:
    """A relation by two columns does not notice by itself that one of them changed."""
    relation: Any = PosSale._meta.get_field("customer")
    if relation.is_cached(sale):
        relation.delete_cached_value(sale)
