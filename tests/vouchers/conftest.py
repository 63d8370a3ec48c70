"""What the tests of vouchers stand on: rows of the mirror, without a platform behind them."""

from collections.abc import Callable
from typing import Any

import pytest

from customers.models import Customer
from customers.search import fold_name
from rewards.models import Reward
from smartbis_admin.api.brazil import voucher_code_key
from smartbis_admin.connections.models import Connection
from vouchers.models import Voucher


@pytest.fixture
def plain_connection(db: None) -> Connection:
    """A connection nobody answers on, for screens that must not ask."""
    return Connection.objects.create(name="Smartbis", base_url="https://api.invalid/v2/")


@pytest.fixture
def make_voucher(plain_connection: Connection) -> Callable[..., Voucher]:
    def make(code: str, **fields: Any) -> Voucher:
        values = {
            "connection": plain_connection,
            "code_key": voucher_code_key(code),
            "content_hash": b"",
            "status": Voucher.Status.ISSUED,
            "origin": Voucher.Origin.POINTS,
        } | fields
        return Voucher.objects.create(remote_id=code, **values)

    return make


@pytest.fixture
def make_customer(plain_connection: Connection) -> Callable[..., Customer]:
    def make(remote_id: str, name: str, **fields: Any) -> Customer:
        values = {
            "connection": plain_connection,
            "content_hash": b"",
            "name_search": fold_name(name),
        } | fields
        return Customer.objects.create(remote_id=remote_id, name=name, **values)

    return make


@pytest.fixture
def make_reward(plain_connection: Connection) -> Callable[..., Reward]:
    def make(remote_id: str, name: str, **fields: Any) -> Reward:
        values = {
            "connection": plain_connection,
            "content_hash": b"",
            "status": Reward.Status.ACTIVE,
        } | fields
        return Reward.objects.create(remote_id=remote_id, name=name, **values)

    return make
