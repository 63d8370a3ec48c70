"""What the program does about points products: buy one on behalf of a customer (`writes.py`)."""

import uuid

from customers.models import Customer
from customers.points.services import points_subject, refresh_balance
from rewards.products.models import PointsProduct
from rewards.products.writes import fulfilments_of
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.api.smile import SmileClient
from smartbis_admin.connections.services import client_for
from smartbis_admin.staff.models import User
from smartbis_admin.sync.engine import store_records
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import perform


def buy_product(
    *, id: uuid.UUID, product: PointsProduct, customer: Customer, points: int, actor: User
) -> Write:
    """Spend a customer's points on a product. `points` is what the person saw or chose.

    Refused without a call with `product_changed` or `product_gone` when it is no longer offered so. The
    balance is read again afterwards. Raises `SubjectBusyError` while a change of this customer's points is
    open.
    """
    write = perform(
        id=id,
        connection=product.connection,
        kind="buy_points_product",
        payload={
            "product_remote_id": product.remote_id,
            "customer_remote_id": customer.remote_id,
            "reward_name": product.reward_name or "",
            "points": points,
            "variable": product.exchange_type == PointsProduct.Exchange.VARIABLE,
        },
        subject=points_subject(customer.remote_id),
        actor=actor,
    )
    if not write.is_open:
        refresh_balance(customer)
    if write.state == Write.State.DONE:
        _refresh_fulfilments(customer)
    return write


def _refresh_fulfilments(customer: Customer) -> None:
    """Read what a customer got. A failure changes nothing: the next listing brings it."""
    try:
        client = client_for(customer.connection, SmileClient, interactive=True)
        got = fulfilments_of(client, customer.remote_id)
    except ApiError:
        return
    store_records(customer.connection, Resource.FULFILMENTS, got or [])
