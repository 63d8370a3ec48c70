"""A till between two other programmes: a shop's code and a wallet's card, mirrored, and no voucher platform."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Customer
from customers.wallet.models import Card
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import create_connection
from smartbis_admin.staff.models import Store, Till
from vouchers.fulfilments.models import Fulfilment
from vouchers.models import Redemption

CODE = "FRETE-ABCD1234"
CARD_URL = "https://cards.example/p/70000000000000001"
SCRIPT = {"HTTP_HX_REQUEST": "true"}


def programme(provider: str, name: str) -> Connection:
    return create_connection(
        by=None, provider=provider, name=name, base_url="http://127.0.0.1:9/", credentials={}
    )


@pytest.fixture
def shop(db: None) -> Connection:
    return programme(Provider.SMILE, "Loja virtual")


@pytest.fixture
def wallet(db: None) -> Connection:
    return programme(Provider.SMARTPASSES, "Carteira")


@pytest.fixture
def reward(shop: Connection) -> Fulfilment:
    """Ana's unused code of the shop."""
    Customer.objects.create(
        connection=shop, remote_id="7", name="Ana Lima", name_search="ana lima", content_hash=b""
    )
    return Fulfilment.objects.create(
        connection=shop,
        remote_id="31",
        name="Frete grátis",
        code=CODE,
        code_key="FRETEABCD1234",
        customer_remote_id="7",
        usage="unused",
        status="issued",
        expires_at=timezone.now() + timedelta(days=9),
        content_hash=b"",
    )


@pytest.fixture
def card(wallet: Connection) -> Card:
    """Rui's card of the wallet."""
    number = "70000000000000001"
    Customer.objects.create(
        connection=wallet, remote_id=number, name="Rui Prado", name_search="rui prado", content_hash=b""
    )
    return Card.objects.create(
        connection=wallet, customer_remote_id=number, url=CARD_URL, serial_key="S7K2M9"
    )


@pytest.fixture
def store(db: None) -> Store:
    return Store.objects.create(name="Loja Centro")


@pytest.fixture
def till(store: Store) -> Till:
    return Till.objects.create(store=store, name="Caixa 1")


@pytest.fixture
def other_till(store: Store) -> Till:
    return Till.objects.create(store=store, name="Caixa 2")


@pytest.fixture
def at_till(cashier_client: Client, till: Till) -> Client:
    """Caio with his shift open at the first till."""
    cashier_client.post("/caixa/ponto/", {"till": till.pk})
    return cashier_client


@pytest.fixture
def elsewhere(manager_client: Client, other_till: Till) -> Client:
    """Marta with her shift open at the second till."""
    manager_client.post("/caixa/ponto/", {"till": other_till.pk})
    return manager_client


@pytest.fixture
def read() -> Callable[..., str]:
    """Scan as the page's script does; returns the banner."""

    def do(client: Client, code: str, **more: Any) -> str:
        asked = {"scan": str(uuid.uuid4()), "code": code, **more}
        return client.post("/caixa/ler/", asked, **SCRIPT).content.decode()  # type: ignore[arg-type]

    return do


@pytest.fixture
def note() -> Callable[..., str]:
    """Press "Anotar uso" on a scan (the newest of all); returns the banner."""

    def do(client: Client, scan: Redemption | None = None) -> str:
        scan = scan or Redemption.objects.latest("received_at")
        return client.post(f"/caixa/leituras/{scan.pk}/anotar/", **SCRIPT).content.decode()  # type: ignore[arg-type]

    return do
