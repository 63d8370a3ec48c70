"""Whose code or card this is, when it is no voucher. Reads the mirrors of other programmes, never a platform.

A code is compared as vouchers are (`vouchers.codes`). A card says its address, its number, or the number of
its customer; that one may be as short as a voucher nobody read yet, so below `LONG_ENOUGH` signs it counts only with
the `#` the platform writes before it, or where no platform has vouchers.
"""

from dataclasses import dataclass

from django.db.models import QuerySet

from customers.models import Customer
from customers.platforms import wallet_connections
from customers.wallet.models import Card
from smartbis_admin.api.brazil import voucher_code_key
from smartbis_admin.api.capabilities import Capability
from smartbis_admin.connections.models import Connection
from vouchers.codes import variants
from vouchers.elsewhere.models import LocalUse
from vouchers.fulfilments.models import Fulfilment

#: Signs from which a bare customer number is taken for a card.
LONG_ENOUGH = 8
SHORTEST_CODE = 4
ADDRESS = ("https://", "http://")


@dataclass(frozen=True)
class Found:
    """A code with its reward, or a card with its customer."""

    connection: Connection
    kind: LocalUse.Kind
    #: What `LocalUse` knows it by.
    key: str
    fulfilment: Fulfilment | None = None
    customer: Customer | None = None


def find_elsewhere(typed: str) -> Found | None:
    """What of another active programme was read; None: nothing we know."""
    text = typed.strip()
    key = voucher_code_key(text)
    if len(key) < SHORTEST_CODE:
        return None
    if text.lower().startswith(ADDRESS):
        return _of_card(Card.objects.filter(url=text))
    return _code(key) or _of_card(Card.objects.filter(serial_key=key)) or _numbered(key)


def code_of(key: str, connection: Connection) -> Fulfilment | None:
    """The newest reward a customer got with this code."""
    rows = Fulfilment.objects.select_related("customer").filter(connection=connection, code_key=key)
    return rows.filter(withdrawn_at=None).order_by("-remote_created_at", "-pk").first()


def customer_of(remote_id: str, connection: Connection) -> Customer | None:
    """The customer a card belongs to."""
    return Customer.objects.filter(connection=connection, remote_id=remote_id, withdrawn_at=None).first()


def _code(key: str) -> Found | None:
    rows = Fulfilment.objects.select_related("connection", "customer").filter(
        code_key__in=variants(key), withdrawn_at=None, connection__is_active=True
    )
    found = sorted(rows.order_by("-remote_created_at", "-pk")[:8], key=lambda row: row.code_key != key)
    if not found or (found[0].code_key != key and len({row.code_key for row in found}) > 1):
        # Look-alikes of several codes: none of them is meant for sure.
        return None
    row = found[0]
    return Found(row.connection, LocalUse.Kind.CODE, row.code_key, row, row.customer)


def _of_card(cards: QuerySet[Card]) -> Found | None:
    rows = cards.filter(connection__is_active=True).select_related("connection", "customer")
    card = rows.filter(customer__withdrawn_at=None).order_by("pk").first()
    return _card(card.customer) if card and card.customer else None


def _numbered(key: str) -> Found | None:
    number = key.removeprefix("#")
    if not (number.isascii() and number.isdigit()):
        return None
    may_be_voucher = number == key and len(number) < LONG_ENOUGH
    if may_be_voucher and Connection.objects.able_to(Capability.VALIDATE_VOUCHER).exists():
        return None
    rows = Customer.objects.filter(remote_id=number, withdrawn_at=None, connection__in=wallet_connections())
    customer = rows.select_related("connection").order_by("pk").first()
    return _card(customer) if customer else None


def _card(customer: Customer) -> Found:
    return Found(customer.connection, LocalUse.Kind.CARD, customer.remote_id, customer=customer)
