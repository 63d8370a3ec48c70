"""Whether a matched sale earns: the checks of `smartpos.md` §3 in their order, the first that fails is the reason.

A batch costs a few queries, however many sales it has. Knows the rule we believe in (`customers.rules`) and
nothing of the wire.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from customers.bridge import life
from customers.bridge.life import Step
from customers.bridge.models import Bridge, PosSale
from customers.bridge.transitions import Event
from customers.models import Customer, Sale
from customers.rules.estimating import Circumstances, RuleBook, ineligible
from smartbis_admin.writes.models import Write

State = PosSale.State
BATCH = 500
#: A sale of another road to the same customer and of the same amount this near is probably the same one.
NEAR = timedelta(minutes=10)
#: States in which another arrival of the same purchase has earned or may have.
_EARNED = (State.REGISTERED, State.IN_DOUBT, State.ELIGIBLE, State.REVERSED)
#: States in which it may still earn; then the one that came first goes on.
_MAY_EARN = (State.RECEIVED, State.MATCHED)
#: An entry of the ledger in one of these has, or may have, registered the sale.
_ALIVE = (Write.State.DONE, Write.State.ABANDONED, *Write.OPEN)


def check_matched(bridge: Bridge) -> int:
    """Take the next batch of matched sales to `eligible` or `ineligible`. Returns how many there were.

    Until a person chose who registers the sales (`Bridge.mode`) they wait.
    """
    if not bridge.mode:
        return 0
    rows = PosSale.objects.filter(bridge=bridge, state=State.MATCHED).select_related("store", "customer")
    sales = list(rows.order_by("pk")[:BATCH])
    why_not = reasons(bridge, sales)
    life.move_many(
        [
            Step(sale, Event.FAILED, why_not[sale.pk]) if why_not[sale.pk] else Step(sale, Event.PASSED)
            for sale in sales
        ]
    )
    return len(sales)


def reasons(bridge: Bridge, sales: Sequence[PosSale]) -> dict[int, str]:
    """Why each of these sales earns nothing; "" where all checks pass. Reads `store` and `customer`."""
    if not sales:
        return {}
    observes = bridge.mode != Bridge.Mode.REGISTER
    if observes or bridge.target is None:
        return dict.fromkeys((sale.pk for sale in sales), "panel_connection")
    book, twice = RuleBook(bridge.target), duplicates(sales)
    return {sale.pk: _first_failure(sale, book, sale.pk in twice) for sale in sales}


def final_reason(bridge: Bridge, sale: PosSale) -> str:
    """Why a sale earns nothing whatever a person says: the first failing check that cannot be overruled."""
    if bridge.mode != Bridge.Mode.REGISTER:
        return "panel_connection"
    return _unapproved(sale) or _blocked(sale.customer)


def circumstances_of(sale: PosSale) -> Circumstances:
    """What the rule asks about a sale. A sale of a machine has no category (`docs/decisions/0027`)."""
    return Circumstances(
        amount=sale.amount,
        sold_at=sale.sold_at,
        store=sale.store,
        machine=sale.machine_remote_id,
        payment_method=sale.payment_method,
    )


def duplicates(sales: Sequence[PosSale]) -> set[int]:
    """Which of these probably are a purchase that came in another way too (`smartpos.md` §2.5)."""
    return _same_slip(sales) | _same_purchase(sales)


def _first_failure(sale: PosSale, book: RuleBook, is_twice: bool) -> str:
    if reason := _unapproved(sale):
        return reason
    if is_twice:
        return "duplicate"
    if reason := _blocked(sale.customer):
        return reason
    if reason := ineligible(book, circumstances_of(sale)):
        return reason
    oldest = timezone.now() - timedelta(days=settings.BRIDGE_OLDEST_DAYS)
    return "too_old" if sale.sold_at < oldest else ""


def _unapproved(sale: PosSale) -> str:
    if sale.status != PosSale.Status.APPROVED:
        return "status_not_approved"
    return "" if sale.amount > 0 else "amount_not_positive"


def _blocked(customer: Customer | None) -> str:
    if customer is None or customer.withdrawn_at is not None:
        return "customer_blocked"
    return "customer_blocked" if customer.state == Customer.State.DISABLED else ""


def _same_slip(sales: Sequence[PosSale]) -> set[int]:
    """Another id with the same acquirer, terminal, NSU and local day, that earned, may earn, or came first."""
    printed = [sale for sale in sales if sale.nsu and sale.terminal_serial]
    if not printed:
        return set()
    others = PosSale.objects.filter(
        nsu__in={sale.nsu for sale in printed},
        terminal_serial__in={sale.terminal_serial for sale in printed},
        state__in=[*_EARNED, *_MAY_EARN],
        bridge__target=printed[0].bridge.target,
    ).only("pk", "nsu", "terminal_serial", "acquirer", "sold_at", "state")
    slips: defaultdict[tuple[str, str, str, date], list[PosSale]] = defaultdict(list)
    for other in others:
        slips[_slip(other)].append(other)
    return {
        sale.pk
        for sale in printed
        if any(
            other.pk != sale.pk and (other.state in _EARNED or other.pk < sale.pk)
            for other in slips[_slip(sale)]
        )
    }


def _slip(sale: PosSale) -> tuple[str, str, str, date]:
    return sale.acquirer.casefold(), sale.terminal_serial, sale.nsu, timezone.localdate(sale.sold_at)


def _same_purchase(sales: Sequence[PosSale]) -> set[int]:
    """A sale registered by another road for the same customer, of the same amount, within ten minutes."""
    mine = [sale for sale in sales if sale.customer_remote_id]
    if not mine:
        return set()
    times = [sale.sold_at for sale in mine]
    registered = (
        Sale.objects.filter(
            connection__in={sale.connection_id for sale in mine},
            customer_remote_id__in={sale.customer_remote_id for sale in mine},
            sold_at__range=(min(times) - NEAR, max(times) + NEAR),
            write__state__in=_ALIVE,
        )
        # Those of the bridge itself have an id that is compared already.
        .filter(Q(write__pos_sale=None))
        .values_list("connection", "customer_remote_id", "amount", "sold_at")
    )
    made: defaultdict[tuple[int | None, str | None, Decimal], list[datetime]] = defaultdict(list)
    for connection, customer, amount, at in registered:
        made[(connection, customer, amount)].append(at)
    return {
        sale.pk
        for sale in mine
        for at in made.get((sale.connection_id, sale.customer_remote_id, sale.amount), ())
        if abs(at - sale.sold_at) <= NEAR
    }
