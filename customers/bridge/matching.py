"""Whose purchase it was: the customer of the programme that a sale's buyer data point to.

CPF, else phone, else e-mail; a name alone never (`smartpos.md` §3). Our copy of the programme is asked, nothing
leaves. A batch costs three queries, however many sales it has.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower

from customers.bridge import life
from customers.bridge.life import Step
from customers.bridge.models import Bridge, PosSale
from customers.bridge.transitions import Event
from customers.models import Customer
from smartbis_admin.api.brazil import is_valid_cpf
from smartbis_admin.connections.models import Connection

State = PosSale.State
#: Sales looked at in one go.
BATCH = 500


@dataclass(frozen=True)
class Found:
    """What a buyer's data point to: a customer, or why not; `conflicting`: they point to more than one."""

    customer: Customer | None
    reason: str = ""
    conflicting: bool = False


class Buyers:
    """The customers of a programme that the buyer data of some sales can mean."""

    def __init__(self, target: Connection, sales: Sequence[PosSale]) -> None:
        rows = Customer.objects.filter(connection=target, withdrawn_at=None).only(
            "pk", "connection_id", "remote_id", "cpf", "phone", "email", "state"
        )
        cpfs = {sale.buyer_cpf for sale in sales if is_valid_cpf(sale.buyer_cpf)}
        phones = {sale.buyer_phone for sale in sales} - {""}
        emails = {sale.buyer_email for sale in sales} - {""}
        self._by_cpf = _grouped(rows.filter(cpf__in=cpfs), "cpf") if cpfs else {}
        self._by_phone = _grouped(rows.filter(phone__in=phones), "phone") if phones else {}
        self._by_email: dict[str, list[Customer]] = {}
        if emails:
            lowered = rows.annotate(low=Lower("email")).filter(low__in=emails)
            self._by_email = _grouped(lowered, "low")

    def find(self, sale: PosSale) -> Found:
        """The one customer a sale's data point to."""
        cpf = sale.buyer_cpf if is_valid_cpf(sale.buyer_cpf) else ""
        by_cpf = self._by_cpf.get(cpf, [])
        by_phone = self._by_phone.get(sale.buyer_phone, [])
        by_email = self._by_email.get(sale.buyer_email, [])
        # Behind a good CPF that nobody has, a phone or an e-mail of somebody with another CPF is somebody else.
        fits = [[row for row in rows if not cpf or not row.cpf] for rows in (by_phone, by_email)]
        hits = by_cpf or fits[0] or fits[1]
        pointed = {row.pk for rows in (by_cpf, by_phone, by_email) for row in rows}
        if len(hits) > 1:
            return Found(None, "ambiguous")
        if hits:
            others = (rows for rows in (by_cpf, by_phone, by_email) if rows)
            return Found(hits[0], conflicting=any(hits[0] not in rows for rows in others))
        return Found(None, _why_nobody(sale, cpf), conflicting=bool(pointed))


def match_received(bridge: Bridge) -> int:
    """Take the next batch of received sales to `matched` or `unidentified`. Returns how many there were.

    Without a programme chosen for the bridge they wait.
    """
    if bridge.target is None:
        return 0
    sales = list(PosSale.objects.filter(bridge=bridge, state=State.RECEIVED).order_by("pk")[:BATCH])
    if not sales:
        return 0
    buyers = Buyers(bridge.target, sales)
    found = {sale.pk: buyers.find(sale) for sale in sales}
    steps = [
        Step(sale, Event.FOUND, changes=link_to(customer))
        if (customer := found[sale.pk].customer)
        else Step(sale, Event.NOT_FOUND, found[sale.pk].reason)
        for sale in sales
    ]
    moved = life.move_many(steps)
    life.flag([sale for sale in moved if found[sale.pk].conflicting], "conflicting_data")
    return len(sales)


def match_appeared(bridge: Bridge) -> int:
    """Match unidentified sales whose CPF a customer has by now. Returns how many were matched."""
    if bridge.target is None:
        return 0
    holder = Customer.objects.filter(connection=bridge.target, withdrawn_at=None, cpf=OuterRef("buyer_cpf"))
    waiting = PosSale.objects.filter(Exists(holder), bridge=bridge, state=State.UNIDENTIFIED)
    waiting = waiting.exclude(buyer_cpf="").order_by("pk")
    matched, after = 0, 0
    while sales := list(waiting.filter(pk__gt=after)[:BATCH]):
        after = sales[-1].pk
        matched += _identify(bridge.target, sales)
    return matched


def look_again(sales: Iterable[PosSale]) -> None:
    """Buyer data of these sales came or changed: identify who waited, follow the new data where nothing was sent.

    A customer a person linked stays linked.
    """
    by_bridge: defaultdict[int, list[PosSale]] = defaultdict(list)
    for sale in sales:
        by_bridge[sale.bridge_id].append(sale)
    for group in by_bridge.values():
        target = group[0].bridge.target
        if target is None:
            continue
        _identify(target, [sale for sale in group if sale.state == State.UNIDENTIFIED])
        linked = [sale for sale in group if sale.customer_remote_id and sale.write_id is None]
        _relink(target, [sale for sale in linked if sale.linked_by_id is None])


def link_to(customer: Customer) -> dict[str, Any]:
    """The columns that link a sale to a customer."""
    return {"connection_id": customer.connection_id, "customer_remote_id": customer.remote_id}


def _identify(target: Connection, sales: Sequence[PosSale]) -> int:
    buyers = Buyers(target, sales)
    found = {sale.pk: buyers.find(sale) for sale in sales}
    moved = life.move_many(
        [
            Step(sale, Event.IDENTIFIED, changes=link_to(customer))
            for sale in sales
            if (customer := found[sale.pk].customer)
        ]
    )
    life.flag([sale for sale in sales if found[sale.pk].conflicting], "conflicting_data")
    life.explain_again({sale: found[sale.pk].reason for sale in sales if not found[sale.pk].customer})
    return len(moved)


def _relink(target: Connection, sales: Sequence[PosSale]) -> None:
    buyers = Buyers(target, sales)
    for sale in sales:
        found = buyers.find(sale)
        if found.customer is None or found.conflicting:
            life.flag([sale], "conflicting_data")
        if found.customer and found.customer.remote_id != sale.customer_remote_id:
            life.change_customer(sale, found.customer, actor=None)


def _why_nobody(sale: PosSale, cpf: str) -> str:
    if not (sale.buyer_cpf or sale.buyer_phone or sale.buyer_email):
        return "no_buyer_data"
    return "invalid_cpf" if sale.buyer_cpf and not cpf else "unknown_buyer"


def _grouped(rows: Iterable[Customer], name: str) -> dict[str, list[Customer]]:
    groups: defaultdict[str, list[Customer]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, name)].append(row)
    return groups
