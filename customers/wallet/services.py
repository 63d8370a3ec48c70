"""What is done about customers of a wallet programme; how each write is sent and settled is in `writes.py`."""

import uuid
from collections.abc import Mapping

from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from customers.models import Customer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.api.smartpasses import SmartPassesClient
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for, note_error, note_ok
from smartbis_admin.staff.models import User
from smartbis_admin.sync.engine import store_records
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import perform


def create_person(
    *,
    id: uuid.UUID,
    connection: Connection,
    first_name: str,
    last_name: str,
    phone: str,
    email: str,
    actor: User,
) -> Write:
    """Create a customer. `phone` is E.164; it or the e-mail has to be given (`ValueError`), or nothing could
    tell afterwards whether a lost creation happened.

    Raises `SubjectBusyError` while another creation of the same phone, else e-mail, is open.
    """
    if not phone and not email:
        raise ValueError("a phone or an e-mail is required")
    given = {"first_name": first_name, "last_name": last_name, "phone": phone, "email": email}
    known = Customer.objects.filter(connection=connection, withdrawn_at=None)
    known = known.filter(phone=phone) if phone else known.filter(Exact(Lower("email"), email.lower()))
    return perform(
        id=id,
        connection=connection,
        kind="create_person",
        payload={name: value for name, value in given.items() if value},
        subject=f"phone:{phone}" if phone else f"email:{email.lower()}"[:160],
        actor=actor,
        before={"known": list(known.order_by().values_list("remote_id", flat=True))},
    )


def update_person(*, id: uuid.UUID, customer: Customer, changes: Mapping[str, str], actor: User) -> Write:
    """Change first_name, last_name, email or phone (E.164); only what is given. "" empties a field."""
    return _about(customer, "update_person", dict(changes), id=id, actor=actor)


def delete_person(*, id: uuid.UUID, customer: Customer, actor: User) -> Write:
    """Delete a customer for good (`smartpasses-v1.md` §4.8)."""
    return _about(customer, "delete_person", {}, id=id, actor=actor)


def add_points(*, id: uuid.UUID, customer: Customer, points: int, actor: User) -> Write:
    """Add points, more than zero; nothing can be taken away. One at a time for a customer."""
    write = _about(customer, "add_points", {"points": points}, id=id, actor=actor)
    if write.state == Write.State.DONE:
        try:
            refresh_person(customer=customer)
        except ApiError:
            # The next listing brings the new balance.
            return write
    return write


def refresh_person(*, customer: Customer) -> bool:
    """Ask the platform about a customer and store what it says; whether it still knows them.

    Raises the `ApiError` family.
    """
    connection = customer.connection
    try:
        record = client_for(connection, SmartPassesClient, interactive=True).read_customer(customer.remote_id)
    except ApiError as error:
        note_error(connection, error)
        raise
    note_ok(connection)
    if record is not None:
        store_records(connection, Resource.CUSTOMERS, [record])
    return record is not None


def created_customer(write: Write) -> Customer | None:
    """The local row of a customer whose creation is done; None until a listing brings it."""
    if write.kind != "create_person" or not write.result:
        return None
    return Customer.objects.filter(
        connection=write.connection_id, remote_id=write.result.get("remote_id")
    ).first()


def _about(
    customer: Customer, kind: str, payload: Mapping[str, object], *, id: uuid.UUID, actor: User
) -> Write:
    """One write on a customer at a time, whatever its kind. Raises `SubjectBusyError`."""
    return perform(
        id=id,
        connection=customer.connection,
        kind=kind,
        payload={"customer_remote_id": customer.remote_id, **payload},
        subject=f"customer:{customer.remote_id}",
        actor=actor,
    )
