"""The programme's rule on screen: everybody who manages reads it, the owner changes it, every version stays."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from customers.rules.models import RuleVersion
from customers.services import estimate_benefit
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User

PAGE = "/regra/"
RULE = {
    "cashback_percent": "7,5",
    "points_per_brl": "0,125",
    "minimum_to_earn": "10,00",
    "voucher_threshold": "",
}


def edit(connection: Connection) -> str:
    return reverse("rules:edit", args=[connection.pk])


def test_the_owner_enters_and_changes_it_and_every_version_stays(
    plain_connection: Connection, owner: User, owner_client: Client, manager_client: Client
) -> None:
    assert "Nenhuma regra informada" in manager_client.get(PAGE).content.decode()
    owner_client.post(edit(plain_connection), RULE)
    expected = estimate_benefit(plain_connection, Decimal(100))
    assert expected is not None
    assert (expected.cashback, expected.points) == (Decimal("7.50"), Decimal("12.50"))
    owner_client.post(edit(plain_connection), RULE)  # nothing new
    owner_client.post(edit(plain_connection), RULE | {"cashback_percent": "5", "voucher_threshold": "20"})
    assert [
        (row.created_by, row.cashback_percent, row.points_per_brl, row.minimum_to_earn, row.voucher_threshold)
        for row in RuleVersion.objects.order_by("pk")
    ] == [
        (owner, Decimal("7.5"), Decimal("0.125"), 10, None),
        (owner, Decimal(5), Decimal("0.125"), 10, 20),
    ]
    events = AuditEvent.objects.values_list("actor", "action", "subject")
    assert list(events) == [(owner.pk, "rule.changed", f"connection:{plain_connection.pk}")] * 2
    page = manager_client.get(PAGE).content.decode()
    for text in (
        "7,5 %",
        "5 %",
        "0,125",
        "R$\xa010,00",
        "R$\xa020,00",
        "nunca",
        "Olga",
        "Serve só",
    ):
        assert text in page
    assert edit(plain_connection) not in page
    assert edit(plain_connection) in owner_client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"cashback_percent": "101"},
        {"cashback_percent": "-1"},
        {"points_per_brl": "x"},
        {"voucher_threshold": "0"},
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    plain_connection: Connection, owner_client: Client, change: dict[str, str]
) -> None:
    assert owner_client.post(edit(plain_connection), RULE | change).status_code == 200
    assert not RuleVersion.objects.exists()


def test_only_the_owner_changes_it(
    plain_connection: Connection, manager_client: Client, viewer_client: Client
) -> None:
    for client in (manager_client, viewer_client):
        assert client.get(PAGE).status_code == 200
        assert client.post(edit(plain_connection), RULE).status_code == 403
    assert not RuleVersion.objects.exists()
