"""What counts as drift of a customer, changed data and balances our own sales do not explain, and of a sale: another
benefit than our rule expected.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from customers.models import Customer, Sale
from customers.services import refresh_customer
from smartbis_admin.api.brazil import mask_cpf
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.drift.rules import Change, DriftRule, Finding, Kind, register
from smartbis_admin.sync.engine import spec_of
from smartbis_admin.sync.models import Drift
from smartbis_admin.ui.formats import money
from smartbis_admin.writes.models import Write

FACTS = ("name", "cpf", "phone", "email", "birth_date")
BALANCES = ("points_balance", "cashback_balance")
#: A local estimate may miss the platform's benefit by this much (`smartbis-v2.md` §4.2).
TOLERANCE = Decimal("0.01")


def judge(connection: Connection, changes: Sequence[Change]) -> Iterable[Finding]:
    """Facts that changed, and balances that moved by something else than our sales since we last knew them.

    Sales whose answer was lost count as ours: they are settled in their own place.
    """
    moved = [change for change in changes if change.differs(BALANCES)]
    benefits = _benefits(connection, moved)
    for change in changes:
        if columns := change.differs(FACTS):
            yield Finding(change, Kind.CHANGED, columns)
        jumps = tuple(
            name
            for name in change.differs(BALANCES)
            if not _explained(change.before[name], change.after[name], benefits[change.remote_id].get(name))
        )
        if jumps:
            yield Finding(change, Kind.BALANCE, jumps)


def _explained(before: Decimal | None, after: Decimal | None, benefit: Decimal | None) -> bool:
    if before is None or after is None:
        # Known for the first time, or no longer told: nothing to compare.
        return True
    return benefit is not None and abs(after - before - benefit) <= TOLERANCE


def _benefits(connection: Connection, changes: Sequence[Change]) -> dict[str, dict[str, Decimal]]:
    """By customer: what our sales since each one's last reading did to the two balances."""
    since: dict[str, datetime] = {change.remote_id: change.since for change in changes}
    total: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    if not since:
        return total
    ours = (Write.State.DONE, Write.State.PENDING, Write.State.IN_DOUBT)
    sales = [
        sale
        for sale in Sale.objects.filter(
            connection=connection, customer_remote_id__in=since, write__state__in=ours
        )
        .filter(write__created_at__gte=min(since.values()))
        .select_related("write")
        if sale.write.created_at >= since[sale.customer_remote_id]
    ]
    issued = _values(connection, [code for sale in sales for code in sale.voucher_codes])
    for sale in sales:
        points = sale.points_estimate if sale.points_earned is None else sale.points_earned
        cashback = sale.cashback_estimate if sale.cashback_amount is None else sale.cashback_amount
        # A voucher the sale issued took its value from the balance at once.
        spent = sum((issued.get(code, Decimal(0)) for code in sale.voucher_codes), Decimal(0))
        sums = total[sale.customer_remote_id]
        for name, gained in (("points_balance", points), ("cashback_balance", (cashback or 0) - spent)):
            sums[name] = sums.get(name, Decimal(0)) + (gained or Decimal(0))
    return total


def _values(connection: Connection, codes: Sequence[str]) -> dict[str, Decimal]:
    rows: Any = spec_of(Resource.VOUCHERS).rows(connection).filter(remote_id__in=codes)
    return {code: value or Decimal(0) for code, value in rows.values_list("remote_id", "value")}


def _read(customer: Customer) -> bool:
    found = refresh_customer(connection=customer.connection, cpf=customer.cpf or "")
    return any(row.pk == customer.pk for row in found)


def _readable(customer: Customer) -> bool:
    return bool(customer.cpf) and customer.connection.can(Capability.FIND_CUSTOMER_BY_CPF)


def _label(customer: Customer) -> str:
    return customer.name


register(
    DriftRule(
        resource=Resource.CUSTOMERS,
        watched=FACTS + BALANCES,
        label=_label,
        url_name="customers:detail",
        personal=frozenset({"phone", "email", "birth_date"}),
        shown={"cpf": mask_cpf},
        judge=judge,
        read=_read,
        readable=_readable,
    )
)


#: Our sales: no platform lists them, and their drift is found when one is registered.
SALES = "sales"


def note_benefit(sale: Sale) -> None:
    """Keep as drift what the platform gave for a sale, where it is more than a cent off what our rule expected.

    Nothing is kept where either is not known. `sale` comes with its customer (`select_related`), who may not be here.
    """
    pairs = {
        "cashback_amount": (sale.cashback_estimate, sale.cashback_amount),
        "points_earned": (sale.points_estimate, sale.points_earned),
    }
    apart = {
        name: (str(expected), str(given))
        for name, (expected, given) in pairs.items()
        if expected is not None and given is not None and abs(given - expected) > TOLERANCE
    }
    if not apart:
        return
    Drift.objects.create(
        connection_id=sale.connection_id,
        resource=SALES,
        kind=Kind.BENEFIT,
        remote_id=str(sale.write_id),
        label=_label_of_sale(sale)[:200],
        before={name: expected for name, (expected, _given) in apart.items()},
        after={name: given for name, (_expected, given) in apart.items()},
    )


def _label_of_sale(sale: Sale) -> str:
    return f"{sale.customer.name if sale.customer else sale.customer_remote_id} · {money(sale.amount)}"


register(
    DriftRule(
        resource=SALES,
        watched=("cashback_amount", "points_earned"),
        label=_label_of_sale,
        url_name="customers:sale_detail",
        url_key="write_id",
        model=Sale,
        find=lambda drift: Sale.objects.filter(write_id=drift.remote_id).select_related("connection").first(),
    )
)
