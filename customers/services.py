"""What the program does about customers and sales: look up at the platform, create, register a sale.

The two writes and how each is settled after a lost answer (`smartbis-v2.md` §4.2) are in `writes.py`.
"""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from customers.models import Customer, Sale
from customers.rules.estimating import Circumstances, Expectation, expected_benefit
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.api.smartbis import SmartbisClient
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for, note_error, note_ok
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.sync.engine import store_records
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import open_write, perform, reopen, send

#: A second sale of the same amount to the same customer within this time is probably the first one again.
DOUBLE_WINDOW = timedelta(minutes=10)


def estimate_benefit(
    connection: Connection,
    amount: Decimal,
    *,
    store: Store | None = None,
    machine: str = "",
    payment_method: str = "",
    category: str = "",
) -> Expectation | None:
    """Expected benefit of a sale of `amount` BRL registered now; None when no rule is in force.

    Now, whenever it was made: the platform takes no date and judges a sale when it gets it.
    """
    told = Circumstances(amount, timezone.now(), store, machine, payment_method, category)
    expected = expected_benefit(connection=connection, circumstances=told)
    return expected if expected.version else None


def estimate_voucher(customer: Customer, expected: Expectation) -> Decimal | None:
    """BRL of the voucher the platform would issue by itself after a sale with this benefit; None: none."""
    rule = expected.version
    if rule is None or rule.voucher_threshold is None or customer.cashback_balance is None:
        return None
    balance = customer.cashback_balance + expected.cashback
    return balance if balance >= rule.voucher_threshold else None


def known_customer(*, cpf: str, connection: Connection | None = None) -> Customer | None:
    """The customer with this CPF (11 digits) in our copy, of one connection or of any active one."""
    rows = Customer.objects.filter(cpf=cpf, withdrawn_at=None, connection__is_active=True)
    if connection is not None:
        rows = rows.filter(connection=connection)
    return rows.order_by("pk").first()


def find_customer(*, cpf: str) -> Customer | None:
    """The customer with this CPF: in our copy, else at the platform. None: no platform knows the CPF.

    Raises the `ApiError` family when it is not in our copy and a platform could not be asked.
    """
    known = known_customer(cpf=cpf)
    if known:
        return known
    failure: ApiError | None = None
    for connection in Connection.objects.able_to(Capability.FIND_CUSTOMER_BY_CPF):
        try:
            rows = refresh_customer(connection=connection, cpf=cpf)
        except ApiError as error:
            failure = error
            continue
        if rows:
            return rows[0]
    if failure:
        raise failure
    return None


def refresh_customer(*, connection: Connection, cpf: str) -> list[Customer]:
    """Ask the platform for the customers with this CPF (11 digits) and store what it says.

    Returns the local rows, empty where the platform knows nobody. Raises the `ApiError` family.
    """
    asked_at = timezone.now()
    try:
        lookup = client_for(connection, SmartbisClient, interactive=True).find_customers(cpf=cpf)
    except ApiError as error:
        note_error(connection, error)
        raise
    note_ok(connection)
    store_records(connection, Resource.CUSTOMERS, lookup.matches, known_at=asked_at)
    rows = Customer.objects.filter(
        connection=connection, remote_id__in=[record.remote_id for record in lookup.matches]
    )
    # Unchanged rows are not written, yet they are as young as this answer.
    rows.filter(stored_at__lt=asked_at).update(stored_at=asked_at)
    return list(rows.order_by("pk"))


def create_customer(
    *,
    id: uuid.UUID,
    connection: Connection,
    name: str,
    cpf: str,
    phone: str,
    actor: User,
    email: str | None = None,
    birth_date: date | None = None,
    password: str = "",
    store: Store | None = None,
) -> Write:
    """Create a customer on the platform. `cpf` is 11 digits, `phone` E.164; the password is never kept.

    Raises `SubjectBusyError` while another creation with this CPF is open.
    """
    payload = {"name": name, "cpf": cpf, "phone": phone}
    payload |= {"email": email} if email else {}
    payload |= {"birth_date": birth_date.isoformat()} if birth_date else {}
    write = perform(
        id=id,
        connection=connection,
        kind="create_customer",
        payload=payload,
        subject=f"cpf:{cpf}",
        actor=actor,
        store=store,
        secrets={"password": password} if password else {},
    )
    if write.state == Write.State.DONE and not write.result:
        _refresh_quietly(connection, cpf)
    return write


def customer_of(write: Write) -> Customer | None:
    """The local row of a customer whose creation is done."""
    rows = Customer.objects.filter(connection=write.connection_id)
    if remote_id := write.result.get("remote_id"):
        return rows.filter(remote_id=remote_id).first()
    return rows.filter(cpf=write.payload.get("cpf")).first()


def find_double(*, customer: Customer, amount: Decimal, besides: uuid.UUID) -> Sale | None:
    """A sale of the same amount to the same customer a few minutes ago, other than the write `besides`."""
    alive = [Write.State.DONE, *Write.OPEN]
    return (
        Sale.objects.filter(
            connection=customer.connection_id,
            customer_remote_id=customer.remote_id,
            amount=amount,
            sold_at__gte=timezone.now() - DOUBLE_WINDOW,
            write__state__in=alive,
        )
        .exclude(write_id=besides)
        .select_related("write", "store", "till", "registered_by")
        .first()
    )


def register_sale(
    *,
    id: uuid.UUID,
    customer: Customer,
    amount: Decimal,
    actor: User,
    store: Store | None = None,
    till: Till | None = None,
    sold_at: datetime | None = None,
    machine: str = "",
    payment_method: str = "",
    category: str = "",
) -> Sale:
    """Register a sale of `amount` BRL on the platform. The same `id` again returns the first sale.

    `sold_at` (default: now) stays with us: the platform takes no date (`smartbis-v2.md` §2). So do the machine,
    how it was paid (a word of `rules.models.PaymentMethod`) and its category.

    Its `write` tells what became of it. Raises `SubjectBusyError` while a sale of this customer is open.
    """
    sale = Sale.objects.filter(write_id=id).select_related("write__connection").first()
    if sale is None:
        sale = open_sale(
            id=id,
            customer=customer,
            amount=amount,
            actor=actor,
            store=store,
            till=till,
            sold_at=sold_at or timezone.now(),
            told={"machine": machine, "payment_method": payment_method, "category": category},
        )
    write = sale.write
    if write.state == Write.State.NOT_SENT:
        write = reopen(write)
    if write.state == Write.State.PENDING and write.attempts == 0:
        write = send(write)
        if write.state == Write.State.DONE and customer.cpf:
            _refresh_quietly(customer.connection, customer.cpf)
    sale.refresh_from_db()
    return sale


def open_sale(
    *,
    id: uuid.UUID,
    customer: Customer,
    amount: Decimal,
    actor: User,
    store: Store | None,
    till: Till | None,
    sold_at: datetime,
    told: Mapping[str, str],
) -> Sale:
    """Commit the intent to register a sale, or join the caller's transaction; nothing leaves. See `register_sale`.

    `told`: `machine`, `payment_method`, `category`. Raises `SubjectBusyError`.
    """
    expected = estimate_benefit(customer.connection, amount, store=store, **told)
    payload: Mapping[str, Any] = {
        "amount": str(amount),
        "customer_remote_id": customer.remote_id,
        "cpf": customer.cpf,
        "cashback_estimate": str(expected.cashback) if expected else None,
        "points_estimate": str(expected.points) if expected else None,
        "rule_version": expected.version.pk if expected and expected.version else None,
        "campaigns": [campaign.pk for campaign in expected.campaigns] if expected else [],
        **{name: value for name, value in told.items() if value},
    }
    with transaction.atomic():
        write, new = open_write(
            id=id,
            connection=customer.connection,
            kind="register_sale",
            payload=payload,
            subject=f"customer:{customer.remote_id}",
            actor=actor,
            store=store,
            till=till,
        )
        if not new:
            return Sale.objects.select_related("write__connection").get(write=write)
        return Sale.objects.create(
            connection=customer.connection,
            write=write,
            customer_remote_id=customer.remote_id,
            amount=amount,
            cashback_estimate=expected.cashback if expected else None,
            points_estimate=expected.points if expected else None,
            sold_at=sold_at,
            store=store,
            till=till,
            registered_by=actor,
            **told,
        )


def _refresh_quietly(connection: Connection, cpf: str) -> None:
    """Fetch what an answer left out. A failure changes nothing: the next listing brings it."""
    try:
        refresh_customer(connection=connection, cpf=cpf)
    except ApiError:
        return
