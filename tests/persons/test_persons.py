"""The same person in several programmes: by CPF, else phone; by e-mail only after a person's yes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import Customer
from customers.persons.models import SamePerson
from customers.persons.services import decide, person_of, programme_counts
from customers.search import fold_name
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User
from tests.customers.conftest import said

CPF, OTHER_CPF = "52998224725", "11144477735"
PHONE = "+5511988880001"
Make = Callable[..., Customer]


@pytest.fixture
def programmes(db: None) -> dict[str, Connection]:
    return {
        name: Connection.objects.create(
            provider=name, name=name, programme=f"Programa {name}", base_url="https://api.invalid/"
        )
        for name in ("smartbis", "smile", "smartpasses")
    }


@pytest.fixture
def make(programmes: dict[str, Connection]) -> Make:
    def customer(programme: str, name: str, **fields: Any) -> Customer:
        number = Customer.objects.count() + 1
        return Customer.objects.create(
            connection=programmes[programme],
            remote_id=str(number),
            content_hash=b"",
            name=name,
            name_search=fold_name(name),
            **fields,
        )

    return customer


def page_of(customer: Customer) -> str:
    return reverse("customers:detail", args=[customer.pk])


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ({"cpf": CPF}, {"cpf": CPF}, "other"),
        ({"cpf": CPF, "phone": PHONE}, {"phone": PHONE}, "other"),
        ({"cpf": CPF, "phone": PHONE}, {"cpf": OTHER_CPF, "phone": PHONE}, "nobody"),
        ({"email": "ana@cliente.example"}, {"email": "Ana@cliente.example"}, "question"),
        ({"cpf": CPF, "email": "a@b.example"}, {"cpf": OTHER_CPF, "email": "a@b.example"}, "nobody"),
        ({"phone": PHONE}, {"phone": None}, "nobody"),
    ],
)
def test_who_is_one_person(make: Make, mine: dict[str, Any], theirs: dict[str, Any], expected: str) -> None:
    one, other = make("smartbis", "Ana", **mine), make("smartpasses", "Ana P", **theirs)
    for me, them in ((one, other), (other, one)):
        person = person_of(me)
        assert [row.customer for row in person.others] == ([them] if expected == "other" else [])
        assert list(person.questions) == ([them] if expected == "question" else [])


@pytest.mark.parametrize("case", ["same programme", "inactive", "withdrawn"])
def test_only_active_other_programmes_count(make: Make, programmes: dict[str, Connection], case: str) -> None:
    one = make("smartbis", "Ana", phone=PHONE)
    make("smartbis" if case == "same programme" else "smile", "Ana", phone=PHONE)
    if case == "inactive":
        Connection.objects.filter(pk=programmes["smile"].pk).update(is_active=False)
    if case == "withdrawn":
        Customer.objects.exclude(pk=one.pk).update(withdrawn_at="2026-01-01T00:00Z")
    assert person_of(one).others == ()


def test_an_answer_is_kept_with_who_and_can_be_taken_back(
    make: Make, manager: User, manager_client: Client
) -> None:
    one = make("smartbis", "Ana", email="ana@cliente.example")
    other = make("smile", "Ana P", email="ana@cliente.example")
    assert "É a mesma pessoa?" in manager_client.get(page_of(one)).content.decode()
    for name, answer, is_same in (
        ("same", "Anotado: é a mesma pessoa.", True),
        ("other", "Anotado: não são a mesma pessoa.", False),
    ):
        response = manager_client.post(reverse(f"persons:{name}", args=[one.pk, other.pk]))
        assert (response["Location"], said(response)[-1]) == (page_of(one), answer)
        row = SamePerson.objects.get()
        assert (row.first, row.second, row.is_same, row.by) == (one, other, is_same, manager)
        person = person_of(other)
        assert [found.customer for found in person.others] == ([one] if is_same else [])
        assert [found.customer for found in person.denied] == ([] if is_same else [one])
        assert person.questions == ()
    page = manager_client.get(page_of(one)).content.decode()
    assert reverse("persons:take_back", args=[one.pk, other.pk]) in page
    assert "É a mesma pessoa?" not in page
    manager_client.post(reverse("persons:take_back", args=[one.pk, other.pk]))
    assert not SamePerson.objects.exists()
    assert person_of(one).questions == (other,)
    assert AuditEvent.objects.filter(action__startswith="person.").count() == 3


def test_a_yes_stays_when_the_e_mail_changes(make: Make, manager: User) -> None:
    one = make("smartbis", "Ana", email="ana@cliente.example")
    other = make("smile", "Ana P", email="ana@cliente.example")
    decide(customer=other, other=one, is_same=True, by=manager)
    Customer.objects.filter(pk=other.pk).update(email="nova@cliente.example")
    assert [row.customer for row in person_of(one).others] == [other]


def test_two_of_one_programme_are_never_joined(make: Make, manager: User, manager_client: Client) -> None:
    one, other = make("smile", "Ana"), make("smile", "Bia")
    with pytest.raises(ValueError, match="same programme"):
        decide(customer=one, other=other, is_same=True, by=manager)
    assert manager_client.post(reverse("persons:same", args=[one.pk, other.pk])).status_code == 404
    assert not SamePerson.objects.exists()


def test_the_page_shows_each_programme_with_its_own_balance(make: Make, manager_client: Client) -> None:
    one = make("smartbis", "Ana", phone=PHONE, points_balance=Decimal(100), cashback_balance=Decimal(15))
    make("smile", "Ana Loja", phone=PHONE, points_balance=Decimal(730))
    make("smartpasses", "Ana Carteira", phone=PHONE, points_balance=Decimal(31))
    page = manager_client.get(page_of(one)).content.decode()
    assert "A mesma pessoa em outros programas" in page
    for text in ("Programa smile", "Ana Loja", "730", "Programa smartpasses", "Ana Carteira", "31"):
        assert text in page
    assert "861" not in page


def test_only_what_the_platform_can_do_is_offered(make: Make, manager_client: Client) -> None:
    store, shop = make("smartbis", "Ana"), make("smile", "Ana")
    for customer, offered in ((store, True), (shop, False)):
        page = manager_client.get(page_of(customer)).content.decode()
        assert (reverse("customers:sale", args=[customer.pk]) in page) == offered
        assert ("a plataforma só consulta clientes por CPF" in page) == offered


def test_the_number_of_queries_does_not_grow(make: Make, manager: User) -> None:
    one = make("smartbis", "Ana", phone=PHONE, email="ana@cliente.example")
    counts = set()
    for number in range(6):
        other = make(("smile", "smartpasses")[number % 2], f"Ana {number}", email="ana@cliente.example")
        decide(customer=one, other=other, is_same=number % 2 == 0, by=manager)
        with CaptureQueriesContext(database) as queries:
            person = person_of(one)
            assert [str(found.decided.by) for found in person.others if found.decided]
        counts.add(len(queries))
    assert counts == {5}


@pytest.mark.parametrize("name", ["same", "other", "take_back"])
def test_who_may_not_care_for_customers_decides_nothing(make: Make, viewer_client: Client, name: str) -> None:
    one, other = make("smartbis", "Ana", email="a@b.example"), make("smile", "Ana", email="a@b.example")
    assert viewer_client.post(reverse(f"persons:{name}", args=[one.pk, other.pk])).status_code == 403
    assert "É a mesma pessoa?" not in viewer_client.get(page_of(one)).content.decode()
    assert not SamePerson.objects.exists()


# --- The list -------------------------------------------------------------------------------------------
def test_the_list_says_in_how_many_programmes_somebody_is(make: Make, manager: User) -> None:
    ana = make("smartbis", "Ana", cpf=CPF, phone=PHONE)
    by_cpf = make("smile", "Ana L.", cpf=CPF)
    by_phone = make("smartpasses", "Ana Lima", phone=PHONE)
    somebody_else = make("smile", "Outra", cpf=OTHER_CPF, phone=PHONE)
    rui = make("smartbis", "Rui", email="rui@loja.test")
    by_yes = make("smile", "Rui P.", email="rui@loja.test")
    rows = [ana, by_cpf, by_phone, somebody_else, rui, by_yes]
    assert [programme_counts(rows)[row.pk] for row in rows] == [3, 2, 3, 2, 1, 1]
    decide(customer=rui, other=by_yes, is_same=True, by=manager)
    decide(customer=ana, other=by_phone, is_same=False, by=manager)
    assert [programme_counts(rows)[row.pk] for row in rows] == [2, 2, 2, 2, 2, 2]
    # The page of each says the same.
    assert all(len(person_of(row).others) + 1 >= programme_counts(rows)[row.pk] for row in rows)


def test_the_list_shows_it_with_several_programmes_at_the_same_cost(
    make: Make, programmes: dict[str, Connection], manager_client: Client
) -> None:
    make("smartbis", "Ana", cpf=CPF, phone=PHONE)
    make("smile", "Ana L.", cpf=CPF)
    address = reverse("customers:list")
    assert "Programas" in manager_client.get(address).content.decode()
    with CaptureQueriesContext(database) as few:
        manager_client.get(address)
    for number in range(20):
        make("smartbis", f"Cliente {number}", cpf=f"{number:011d}", phone=f"+55119888{number:05d}")
    with CaptureQueriesContext(database) as many:
        manager_client.get(address)
    assert len(many) == len(few)
    Connection.objects.exclude(name="smartbis").update(is_active=False)
    assert "Programas" not in manager_client.get(address).content.decode()
