"""What the program does about customers and sales: look up at the platform, create, register a sale.

The two writes and how each is settled after a lost answer (`smartbis-v2.md` §4.2) are in `writes.py`.
"""

import uuid
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from customers.models import Customer, ProgrammeRule, Sale
from customers.rules import Estimate, estimate
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for, note_error, note_ok
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.sync.engine import store_records
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import open_write, perform, reopen, send


def estimate_benefit(connection: Connection, amount: Decimal) -> Estimate | None:
    """Expected benefit of a sale of `amount` BRL, or None when no rule is entered for the connection."""
    rule = ProgrammeRule.objects.filter(connection=connection).first()
    if rule is None:
        return None
    return estimate(
        amount,
        cashback_percent=rule.cashback_percent,
        points_per_brl=rule.points_per_brl,
        minimum_to_earn=rule.minimum_to_earn,
    )


def refresh_customer(*, connection: Connection, cpf: str) -> list[Customer]:
    """Ask the platform for the customers with this CPF (11 digits) and store what it says.

    Returns the local rows, empty where the platform knows nobody. Raises the `ApiError` family.
    """
    try:
        lookup = client_for(connection, interactive=True).find_customers(cpf=cpf)
    except ApiError as error:
        note_error(connection, error)
        raise
    note_ok(connection)
    return store_records(connection, Resource.CUSTOMERS, lookup.matches)


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


def register_sale(
    *,
    id: uuid.UUID,
    customer: Customer,
    amount: Decimal,
    actor: User,
    store: Store | None = None,
    till: Till | None = None,
) -> Sale:
    """Register a sale of `amount` BRL on the platform. The same `id` again returns the first sale.

    Its `write` tells what became of it. Raises `SubjectBusyError` while a sale of this customer is open.
    """
    sale = Sale.objects.filter(write_id=id).select_related("write__connection").first()
    if sale is None:
        sale = _open_sale(id=id, customer=customer, amount=amount, actor=actor, store=store, till=till)
    write = sale.write
    if write.state == Write.State.NOT_SENT:
        write = reopen(write)
    if write.state == Write.State.PENDING and write.attempts == 0:
        write = send(write)
        if write.state == Write.State.DONE and customer.cpf:
            _refresh_quietly(customer.connection, customer.cpf)
    sale.refresh_from_db()
    return sale


def _open_sale(
    *,
    id: uuid.UUID,
    customer: Customer,
    amount: Decimal,
    actor: User,
    store: Store | None,
    till: Till | None,
) -> Sale:
    expected = estimate_benefit(customer.connection, amount)
    payload: Mapping[str, str | None] = {
        "amount": str(amount),
        "customer_remote_id": customer.remote_id,
        "cpf": customer.cpf,
        "cashback_estimate": str(expected.cashback) if expected else None,
        "points_estimate": str(expected.points) if expected else None,
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
            sold_at=timezone.now(),
            store=store,
            till=till,
            registered_by=actor,
        )


def _refresh_quietly(connection: Connection, cpf: str) -> None:
    """Fetch what an answer left out. A failure changes nothing: the next listing brings it."""
    try:
        refresh_customer(connection=connection, cpf=cpf)
    except ApiError:
        return
