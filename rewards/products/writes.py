"""The purchase of a points product, as the ledger sees it.

A purchase carries no reference of ours: it is settled by what the customer got and what was deducted.
Source: `smile-v1.md` §6.4.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from msgspec import UNSET

from customers.points.writes import LOOK_BACK, customer_named, read_customer
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.errors import Refused
from smartbis_admin.api.points import (
    ExchangeType,
    FulfilmentRecord,
    PointsProductRecord,
    PointsTransactionRecord,
    PurchaseRecord,
)
from smartbis_admin.api.records import Record
from smartbis_admin.api.smile import SmileClient
from smartbis_admin.sync.engine import store_records
from smartbis_admin.ui.formats import number
from smartbis_admin.writes.kinds import Settlement, WriteKind, register
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import (
    CLOCK_TOLERANCE,
    MINIMUM_AGE,
    absent_twice,
    next_negative_look,
)

#: Newest fulfilments remembered from before the call, so that none of them is taken for its effect.
REMEMBERED = 50
#: What begins the internal note of a change of points made by us.
OURS = "[ref:"


def fulfilments_of(client: SmileClient, customer_remote_id: str) -> list[FulfilmentRecord] | None:
    """What a customer got, the newest first; None where the account's edition has no such list."""
    try:
        return client.fulfilments_of(customer_remote_id)
    except Refused as refused:
        if refused.code == "not_offered":
            return None
        raise


@register
class BuyProduct(WriteKind[SmileClient]):
    """Spend a customer's points on a product, if it still costs what the person saw."""

    name = "buy_points_product"
    label = _("Trocar pontos")
    capability = Capability.BUY_POINTS_PRODUCT

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        return [
            (_("Cliente"), customer_named(write)),
            (_("Produto de pontos"), write.payload["reward_name"]),
            (_("Pontos"), number(write.payload["points"])),
        ]

    def prepare(self, client: SmileClient, write: Write) -> Mapping[str, Any]:
        product = client.read_product(write.payload["product_remote_id"])
        if product is None:
            raise Refused("", code="product_gone")
        store_records(write.connection, Resource.POINTS_PRODUCTS, [product])
        if not _still_offered(product, write):
            raise Refused("", code="product_changed")
        customer = read_customer(client, write)
        if customer is None:
            raise Refused("", code="customer_gone")
        remote_id = write.payload["customer_remote_id"]
        changes = client.transactions_of(remote_id, since=write.created_at - LOOK_BACK)
        got = fulfilments_of(client, remote_id) or []
        return {
            "balance": _text(customer.points_balance),
            "transactions": [row.remote_id for row in changes],
            "fulfilments": [row.remote_id for row in got[:REMEMBERED]],
        }

    def send(self, client: SmileClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        payload = write.payload
        return client.buy(
            product_remote_id=payload["product_remote_id"],
            customer_remote_id=payload["customer_remote_id"],
            points_to_spend=payload["points"] if payload["variable"] else None,
        )

    def outcome(self, write: Write, record: Record | None) -> None:
        if write.state != Write.State.DONE or not isinstance(record, PurchaseRecord):
            return
        got = record.fulfilment
        if isinstance(got, FulfilmentRecord):
            # Inside a purchase it need not say whose it is.
            mine = msgspec.structs.replace(got, customer_remote_id=write.payload["customer_remote_id"])
            store_records(write.connection, Resource.FULFILMENTS, [mine])

    def settle(self, client: SmileClient, write: Write) -> Settlement:
        remote_id = write.payload["customer_remote_id"]
        sent_at = write.sent_at or write.created_at
        rewards = [
            row for row in fulfilments_of(client, remote_id) or [] if _is_fulfilment_of(row, write, sent_at)
        ]
        changes = [
            row
            for row in client.transactions_of(remote_id, since=sent_at - LOOK_BACK)
            if _is_payment_of(row, write, sent_at)
        ]
        customer = read_customer(client, write)
        found = {
            "fulfilments": len(rewards),
            "transactions": len(changes),
            "balance": _text(customer.points_balance) if customer else None,
        }
        alone = len(rewards) <= 1 and len(changes) <= 1 and not _others(write, sent_at)
        if alone and (rewards or changes):
            record = PurchaseRecord(
                remote_id="",
                customer_remote_id=remote_id,
                product_remote_id=write.payload["product_remote_id"],
                points_spent=Decimal(write.payload["points"]),
                fulfilment=rewards[0] if rewards else UNSET,
            )
            return Settlement(found=found, state=Write.State.DONE, record=record)
        if rewards or changes:
            return Settlement(found=found, needs_person=True)
        # Nothing to be seen is no proof here: a person decides, once it was seen twice.
        seen_twice = absent_twice(write, "fulfilments", 0)
        return Settlement(found=found, needs_person=seen_twice, again=next_negative_look(write))


def _still_offered(product: PointsProductRecord, write: Write) -> bool:
    points = Decimal(write.payload["points"])
    if not write.payload["variable"]:
        return product.exchange_type is ExchangeType.FIXED and product.price == points
    if product.exchange_type is not ExchangeType.VARIABLE:
        return False
    least, most, step = product.minimum, product.maximum, product.step
    return (
        (not isinstance(least, Decimal) or points >= least)
        and (not isinstance(most, Decimal) or points <= most)
        and (not isinstance(step, Decimal) or not step or points % step == 0)
    )


def _is_fulfilment_of(row: FulfilmentRecord, write: Write, sent_at: datetime) -> bool:
    return (
        row.remote_id not in write.before.get("fulfilments", [])
        and row.name == write.payload["reward_name"]
        and _in_window(row.created_at, write, sent_at)
    )


def _is_payment_of(row: PointsTransactionRecord, write: Write, sent_at: datetime) -> bool:
    return (
        row.remote_id not in write.before.get("transactions", [])
        and row.points_change == -Decimal(write.payload["points"])
        and not (isinstance(row.internal_note, str) and row.internal_note.startswith(OURS))
        and _in_window(row.created_at, write, sent_at)
    )


def _in_window(created_at: object, write: Write, sent_at: datetime) -> bool:
    end = max(write.gave_up_at or sent_at, sent_at + MINIMUM_AGE) + CLOCK_TOLERANCE
    return isinstance(created_at, datetime) and sent_at - CLOCK_TOLERANCE <= created_at <= end


def _others(write: Write, sent_at: datetime) -> bool:
    """Whether another purchase of ours for this customer may have had its effect in the window."""
    others = Write.objects.filter(
        connection=write.connection_id,
        kind=write.kind,
        subject=write.subject,
        sent_at__gte=sent_at - CLOCK_TOLERANCE,
        sent_at__lte=(write.gave_up_at or sent_at) + CLOCK_TOLERANCE,
    ).exclude(state__in=[Write.State.REFUSED, Write.State.NOT_SENT, Write.State.NOT_DONE])
    return others.exclude(pk=write.pk).exists()


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
