"""A sale that brought another benefit than our rule expected is drift: listed, opened, acknowledged like any other."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from customers.drift import note_benefit
from customers.models import Customer, Sale
from customers.rules.models import RuleVersion
from customers.services import refresh_customer, register_sale
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync.models import Drift

LIST = "/sincronizacao/divergencias/"


@pytest.fixture
def ana(sandbox: SandboxServer, connection: Connection) -> Customer:
    sandbox.act("create_customer", name="Ana Prado", cpf="52998224725", phone="11988880001")
    (row,) = refresh_customer(connection=connection, cpf="52998224725")
    return row


def buy(ana: Customer, by: User, amount: str = "129.90") -> Sale:
    return register_sale(id=uuid.uuid4(), customer=ana, amount=Decimal(amount), actor=by)


def test_what_the_platform_gives_as_expected_is_no_drift(ana: Customer, manager: User) -> None:
    RuleVersion.objects.create(
        connection=ana.connection, valid_from=ana.connection.created_at, cashback_percent=5, points_per_brl=1
    )
    sale = buy(ana, manager)
    assert (sale.cashback_estimate, sale.cashback_amount) == (Decimal("6.50"), Decimal("6.50"))
    assert sale.write.payload["rule_version"] == RuleVersion.objects.get().pk
    assert not Drift.objects.exists()


def test_a_rule_that_is_not_the_panels_shows_as_drift(
    ana: Customer, manager: User, manager_client: Client
) -> None:
    RuleVersion.objects.create(
        connection=ana.connection, valid_from=ana.connection.created_at, cashback_percent=10, points_per_brl=1
    )
    sale = buy(ana, manager)
    (drift,) = Drift.objects.all()
    assert (drift.resource, drift.kind, drift.remote_id, drift.run) == (
        "sales", "benefit", str(sale.write_id), None
    )  # fmt: skip
    assert (drift.before, drift.after) == ({"cashback_amount": "12.99"}, {"cashback_amount": "6.50"})
    assert drift.label == "Ana Prado · R$\xa0129,90"
    page = manager_client.get(LIST).content.decode()
    for text in ("Ana Prado", "Benefício diferente do esperado", "Vendas"):
        assert text in page
    assert "Ana Prado" in manager_client.get(LIST, {"resource": "sales"}).content.decode()
    assert "Ana Prado" not in manager_client.get(LIST, {"resource": "customers"}).content.decode()
    page = manager_client.get(reverse("sync:drift_detail", args=[drift.pk])).content.decode()
    for text in ("Esperado", "Recebido", "R$\xa012,99", "R$\xa06,50", f"/vendas/{sale.write_id}/"):
        assert text in page
    assert "Agora" not in page
    manager_client.post(reverse("sync:drift_acknowledge", args=[drift.pk]))
    drift.refresh_from_db()
    assert drift.state == Drift.State.ACKNOWLEDGED


@pytest.mark.parametrize(
    ("expected", "given", "is_drift"),
    [
        ("6.50", "6.50", False),
        ("6.50", "6.51", False),
        ("6.50", "6.49", False),
        ("6.50", "6.52", True),
        ("6.50", "6.48", True),
        (None, "6.50", False),
        ("6.50", None, False),
    ],
)
def test_more_than_a_cent_off_is_drift(
    sell: Callable[..., Sale], expected: str | None, given: str | None, is_drift: bool
) -> None:
    sale = sell(
        "100",
        datetime(2026, 3, 2, 12, tzinfo=UTC),
        points_estimate=Decimal(100),
        points_earned=Decimal("100.01"),
        cashback_estimate=expected and Decimal(expected),
        cashback_amount=given and Decimal(given),
    )
    note_benefit(Sale.objects.select_related("customer").get(pk=sale.pk))
    assert Drift.objects.count() == is_drift
    with pytest.raises(SystemExit) as told:
        call_command("drift", "sales")
    assert told.value.code == (3 if is_drift else 0)
