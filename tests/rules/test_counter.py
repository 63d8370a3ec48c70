"""The rule where a sale is registered: what is told of a sale is kept with it, and the evidence names its rule."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Sale
from customers.rules.models import Campaign, RuleVersion
from customers.services import refresh_customer, register_sale
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, User
from tests.conftest import signed_in
from tests.customers.conftest import opened

CPF = "52998224725"


@pytest.fixture
def ana(sandbox: SandboxServer, connection: Connection) -> Customer:
    sandbox.act("create_customer", name="Ana Prado", cpf=CPF, phone="11988880001")
    (row,) = refresh_customer(connection=connection, cpf=CPF)
    return row


@pytest.fixture
def rule(connection: Connection) -> RuleVersion:
    return RuleVersion.objects.create(
        connection=connection, valid_from=timezone.now(), cashback_percent=5, points_per_brl=1
    )


def test_the_category_chosen_at_the_counter_goes_into_the_estimate_and_stays_here(
    sandbox: SandboxServer, ana: Customer, rule: RuleVersion, cashier_client: Client, owner: User
) -> None:
    today = timezone.localdate()
    campaign = Campaign.objects.create(
        connection=ana.connection, name="Pães", category="Padaria", points_multiplier=2, created_by=owner,
        first_day=today, last_day=today,
    )  # fmt: skip
    address = reverse("customers:sale", args=[ana.pk])
    form = opened(cashier_client, address, amount="100", category="Padaria")
    asked = cashier_client.post(address, form).content.decode()
    assert "Com a campanha Pães" in asked
    assert "200" in asked
    assert not Sale.objects.exists()
    cashier_client.post(address, form | {"confirmed": "1"})
    sale = Sale.objects.get()
    assert (sale.category, sale.cashback_estimate, sale.points_estimate) == ("Padaria", 5, 200)
    payload = sale.write.payload
    assert (payload["rule_version"], payload["campaigns"], payload["category"]) == (
        rule.pk, [campaign.pk], "Padaria",
    )  # fmt: skip
    # The same form again is the same sale; with another category it is another intent.
    cashier_client.post(address, form | {"confirmed": "1"})
    again = cashier_client.post(address, form | {"confirmed": "1", "category": "", "repeat": "1"})
    assert "já tinha sido enviado com outros dados" in again.content.decode()
    assert Sale.objects.count() == 1


def test_a_sale_is_expected_to_bring_what_the_rule_gives_when_it_is_sent(
    sandbox: SandboxServer, ana: Customer, rule: RuleVersion, manager: User
) -> None:
    """The platform takes no date: it judges an old sale by today's rule."""
    long_ago = timezone.now() - timedelta(days=30)
    RuleVersion.objects.create(
        connection=ana.connection, valid_from=long_ago - timedelta(days=1), cashback_percent=50
    )
    RuleVersion.objects.filter(pk=rule.pk).update(excluded_methods=["pix"])
    for method, cashback in (("debit", "5.00"), ("pix", "0.00")):
        sale = register_sale(
            id=uuid.uuid4(),
            customer=ana,
            amount=Decimal(100),
            actor=manager,
            sold_at=long_ago,
            machine="M-1",
            payment_method=method,
        )
        assert (str(sale.cashback_estimate), sale.machine, sale.payment_method) == (cashback, "M-1", method)
        assert (sale.sold_at, sale.write.payload["payment_method"]) == (long_ago, method)


@pytest.mark.parametrize("model", ["ruleversion", "campaign"])
def test_the_administration_only_looks(
    rule: RuleVersion, make_person: Callable[..., User], model: str
) -> None:
    boss = make_person("chefe", is_staff=True, is_superuser=True)
    client = signed_in(boss)
    assert client.get(reverse(f"admin:rules_{model}_changelist")).status_code == 200
    assert client.post(reverse(f"admin:rules_{model}_add"), {}).status_code == 403
    assert (RuleVersion.objects.count(), Campaign.objects.count()) == (1, 0)


def test_a_store_that_earns_nothing_earns_nothing_at_its_till(
    sandbox: SandboxServer, ana: Customer, rule: RuleVersion, manager: User, manager_client: Client
) -> None:
    store = Store.objects.create(name="Loja Centro")
    RuleVersion.objects.filter(pk=rule.pk).update(excluded_stores=[store.pk])
    sale = register_sale(id=uuid.uuid4(), customer=ana, amount=Decimal(100), actor=manager, store=store)
    assert (sale.cashback_estimate, sale.points_estimate) == (0, 0)
    address = reverse("customers:estimate", args=[ana.pk])
    for told, shown in (({"place": f"s{store.pk}"}, True), ({}, False)):
        part = manager_client.get(address, {"amount": "100"} | told).content.decode()
        assert ("Vendas desta loja não acumulam." in part) == shown
