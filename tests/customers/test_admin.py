"""The owner's administration of this room: to look at, whatever it shows."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Sale
from customers.rules.models import RuleVersion
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from tests.conftest import signed_in
from tests.customers.conftest import CPF


@pytest.fixture
def boss(make_person: Callable[..., User]) -> User:
    return make_person("olivia", Role.OWNER, is_staff=True, is_superuser=True)


@pytest.mark.parametrize("model", ["customer", "sale"])
def test_mirrors_and_sales_are_read_never_changed(
    make_customer: Callable[..., Customer], boss: User, model: str
) -> None:
    ana = make_customer("Ana Prado", cpf=CPF)
    write = Write.objects.create(connection=ana.connection, kind="register_sale", state=Write.State.DONE)
    sale = Sale.objects.create(
        connection=ana.connection, write=write, customer_remote_id=ana.remote_id, amount=Decimal("5"),
        sold_at=timezone.now(), registered_by=boss,
    )  # fmt: skip
    row = {"customer": ana, "sale": sale}[model]
    client = signed_in(boss)
    listed = client.get(
        reverse(f"admin:customers_{model}_changelist"), {"q": "ana"} if model == "customer" else {}
    )
    assert "Ana Prado" in listed.content.decode()
    change = reverse(f"admin:customers_{model}_change", args=[row.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"name": "X"}).status_code == 403
    assert client.get(reverse(f"admin:customers_{model}_add")).status_code == 403
    assert (
        client.post(reverse(f"admin:customers_{model}_delete", args=[row.pk]), {"post": "yes"}).status_code
        == 403
    )
    ana.refresh_from_db()
    assert (ana.name, Sale.objects.count()) == ("Ana Prado", 1)


@pytest.mark.parametrize("model", ["consent", "tag"])
def test_what_has_a_screen_of_its_own_is_read_here(
    plain_connection: Connection, boss: User, model: str
) -> None:
    client = signed_in(boss)
    assert client.get(reverse(f"admin:customers_{model}_changelist")).status_code == 200
    assert client.post(reverse(f"admin:customers_{model}_add"), {}).status_code == 403
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize("who", ["manager_client", "cashier_client", "viewer_client"])
def test_nobody_else_gets_in(plain_connection: Connection, request: pytest.FixtureRequest, who: str) -> None:
    client: Client = request.getfixturevalue(who)
    response = client.get(reverse("admin:customers_customer_changelist"))
    assert response.status_code == 302
    assert not RuleVersion.objects.exists()
