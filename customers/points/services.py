"""What the program does about points: change a balance, send an activity, read a customer's points again.

The writes and how each is settled (`smile-v1.md` §6) are in `writes.py`.
"""

import uuid
from datetime import datetime

from customers.models import Customer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.api.smile import SmileClient
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for
from smartbis_admin.staff.models import User
from smartbis_admin.sync.engine import store_records
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import perform

#: Tokens of activities offered to choose from.
TOKENS = 50


def points_subject(customer_remote_id: str) -> str:
    """What may not be touched twice at once: one open change of a customer's points, of whatever kind."""
    return f"points:{customer_remote_id}"


def change_points(
    *,
    id: uuid.UUID,
    customer: Customer,
    points_change: int,
    description: str,
    internal_note: str,
    actor: User,
) -> Write:
    """Add points, or deduct with a negative number. `description` is for the customer, the note for staff.

    The balance is read again afterwards. Raises `SubjectBusyError` while a change of this customer's
    points is open.
    """
    write = perform(
        id=id,
        connection=customer.connection,
        kind="change_points",
        payload={
            "customer_remote_id": customer.remote_id,
            "points_change": points_change,
            "description": description,
            "internal_note": internal_note,
        },
        subject=points_subject(customer.remote_id),
        actor=actor,
    )
    if not write.is_open:
        refresh_balance(customer)
    return write


def send_activity(
    *, id: uuid.UUID, customer: Customer, token: str, happened_at: datetime | None, actor: User
) -> Write:
    """Tell the programme what a customer did. Its points come later, so no balance is read."""
    return perform(
        id=id,
        connection=customer.connection,
        kind="send_activity",
        payload={
            "customer_remote_id": customer.remote_id,
            "token": token,
            "happened_at": happened_at.isoformat() if happened_at else None,
        },
        subject=f"activity:{customer.remote_id}:{token}",
        actor=actor,
    )


def refresh_balance(customer: Customer) -> bool:
    """Read a customer as the platform has them now. False: it could not be asked or knows no such id.

    Then the balance of this object (not the stored row) is None, so that nobody shows an old one as fact.
    """
    try:
        client = client_for(customer.connection, SmileClient, interactive=True)
        record = client.read_customer(customer.remote_id)
    except ApiError:
        record = None
    if record is None:
        customer.points_balance = None
        return False
    store_records(customer.connection, Resource.CUSTOMERS, [record])
    customer.refresh_from_db()
    return True


def known_tokens(connection: Connection) -> list[str]:
    """Tokens of activities this programme took from us before, by name."""
    rows = Write.objects.filter(connection=connection, kind="send_activity", state=Write.State.DONE)
    return list(rows.order_by("payload__token").values_list("payload__token", flat=True).distinct()[:TOKENS])
