"""Taking over what a till without a link read and accepted. Idempotent by the scan's id; nothing is dropped.

What was handed over against the policy of its moment is recorded as a conflict, because it happened.
Knows no request; words are made from the rows it returns. Source: `docs/contingency.md`.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from smartbis_admin.api.brazil import voucher_code_key
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Shift, User
from smartbis_admin.staff.places import tills_of
from smartbis_admin.sync.services import data_age
from vouchers.codes import ResolvedCode, resolve_code
from vouchers.contingency.accepting import one_at_a_time
from vouchers.contingency.following import follow
from vouchers.contingency.models import ContingencyUse
from vouchers.contingency.policy import accepted_since, breach_of, policy_of, release_at
from vouchers.models import Redemption
from vouchers.redemption import LONGEST_CODE, SHORTEST_CODE, holder_of, lose_to, voucher_of

Breach, State = ContingencyUse.Breach, Redemption.State
#: Items of one delivery.
MOST_ITEMS = 50
#: How far before or after its shift a reading may seem to lie: clocks are put right only so well.
CLOCK_TOLERANCE = timedelta(minutes=2)


class UnreadableError(Exception):
    """The delivery is not what `docs/contingency.md` describes; nothing was recorded."""


@dataclass(frozen=True)
class Item:
    """One reading of a till without a link. `happened_at` is put right by our clock."""

    id: uuid.UUID
    code: str
    happened_at: datetime
    position: int
    #: The cashier saw "accepted", and handed the benefit over.
    accepted: bool
    shift: int


@dataclass(frozen=True)
class Receipt:
    """What became of one item: `recorded`, `already` or `rejected` with a reason."""

    id: str
    state: str
    reason: str = ""
    scan: Redemption | None = None


def read_delivery(body: Any) -> list[Item | Receipt]:
    """The items of a delivery in their order; a receipt stands for each that cannot be read.

    Raises `UnreadableError` when it is no delivery at all.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("items"), list):
        raise UnreadableError
    sent_at, now = _moment(body.get("sent_at")), timezone.now()
    if sent_at is None or len(body["items"]) > MOST_ITEMS:
        raise UnreadableError
    return [_item(raw, skew=now - sent_at, now=now) for raw in body["items"]]


def _moment(text: Any) -> datetime | None:
    try:
        moment = parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def _item(raw: Any, *, skew: timedelta, now: datetime) -> Item | Receipt:
    fields: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
    given = str(fields.get("id", ""))[:40]
    try:
        scan_id = uuid.UUID(given)
    except ValueError:
        return Receipt(given, "rejected", "unreadable")
    happened_at, shown = _moment(fields.get("happened_at")), fields.get("shown")
    code, position, shift = fields.get("code"), fields.get("position"), fields.get("shift")
    if happened_at is None or not isinstance(code, str) or not code.strip().isprintable():
        return Receipt(given, "rejected", "unreadable")
    if not _is_number(position) or not _is_number(shift) or shown not in ("accepted", "refused", "unknown"):
        return Receipt(given, "rejected", "unreadable")
    if len(voucher_code_key(code)) < SHORTEST_CODE:
        return Receipt(given, "rejected", "blank_code")
    try:
        at = min(happened_at + skew, now)
    except OverflowError:
        return Receipt(given, "rejected", "unreadable")
    return Item(scan_id, code, at, position, shown == "accepted", shift)


def _is_number(value: Any) -> TypeGuard[int]:
    """Whether it is a whole number a column can hold."""
    return isinstance(value, int) and 0 <= value < 2**31


def take(items: Sequence[Item | Receipt], *, by: User, connections: list[Connection]) -> list[Receipt]:
    """Record a delivery in its order, each item in a transaction of its own.

    For shifts of one's own, and of the tills one may use: whoever stands there now hands over what is left.
    """
    asked = {item.shift for item in items if isinstance(item, Item)}
    known = Shift.objects.filter(Q(cashier=by) | Q(till__in=tills_of(by)), pk__in=asked)
    shifts = {shift.pk: shift for shift in known.select_related("cashier", "till__store")}
    receipts: list[Receipt] = []
    for item in items:
        if isinstance(item, Receipt):
            receipts.append(item)
        elif item.shift not in shifts:
            receipts.append(Receipt(str(item.id), "rejected", "other_till"))
        else:
            receipts.append(_take(item, shifts[item.shift], by, connections))
    return receipts


def _take(item: Item, shift: Shift, by: User, connections: list[Connection]) -> Receipt:
    with one_at_a_time(shift.till):
        scan, is_new = Redemption.objects.select_for_update().get_or_create(
            pk=item.id, defaults=_plain_row(item, shift, resolve_code(item.code, connections))
        )
        if scan.till_id != shift.till_id:
            return Receipt(str(item.id), "rejected", "other_till")
        if item.accepted and scan.state != State.VALID and not scan.road:
            _accepted(scan, item, shift, by)
        return Receipt(str(item.id), "recorded" if is_new else "already", scan=scan)


def _plain_row(item: Item, shift: Shift, resolved: ResolvedCode) -> dict[str, Any]:
    """What was read, and nobody was asked."""
    return {
        "connection": resolved.connection,
        "code": resolved.text.upper()[:LONGEST_CODE],
        "code_sent": resolved.text[:LONGEST_CODE],
        "state": State.NOT_DONE,
        "reason": "offline",
        "cashier": shift.cashier,
        "store": shift.till.store,
        "till": shift.till,
        "shift": shift,
        "happened_at": item.happened_at,
        "decided_at": timezone.now(),
    }


def _accepted(scan: Redemption, item: Item, shift: Shift, by: User) -> None:
    """The benefit was handed over: the scan holds the voucher, or is a conflict at once."""
    at = item.happened_at
    policy, release = policy_of(shift.till.store, at), release_at(shift, at)
    breach = _outside(shift, at) or breach_of(
        policy=policy,
        release=release,
        voucher=voucher_of(scan),
        mirror_read_at=data_age(scan.connection, Resource.VOUCHERS),
        at=at,
    )
    if not breach and len(accepted_since(shift.till, at)) >= policy.max_per_hour:
        breach = Breach.TOO_MANY
    scan.road, scan.happened_at = Redemption.Road.TILL, at
    # What the platform is being asked, or has refused, stays what it is.
    if scan.state == State.NOT_DONE:
        _hold_or_lose(scan, breach)
    scan.save()
    ContingencyUse.objects.create(
        redemption=scan,
        till=shift.till,
        accepted_at=at,
        position=item.position,
        policy=policy.as_json(),
        release=release,
        breach=breach,
        handed_by=by,
    )
    follow(scan)


def _outside(shift: Shift, at: datetime) -> str:
    begins = shift.opened_at - CLOCK_TOLERANCE
    ends = (shift.closed_at or timezone.now()) + CLOCK_TOLERANCE
    return "" if begins <= at <= ends else Breach.OUTSIDE_SHIFT


def _hold_or_lose(scan: Redemption, breach: str) -> None:
    """Set the scan's state on the object and, where it holds the voucher, in its row."""
    # Whom it once waited for came to nothing: what happens from here on is not that one's doing.
    scan.winner = None
    if breach:
        scan.state, scan.reason = State.REFUSED, "outside_policy"
        return
    scan.state, scan.reason = State.CONTINGENCY, ""
    try:
        with transaction.atomic():
            scan.save()
    except IntegrityError:
        winner = holder_of(scan)
        scan.state, scan.reason = lose_to(winner, scan) if winner else (State.NOT_DONE, "try_again")
