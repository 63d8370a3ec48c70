"""Finding customers: what is typed, and who is found."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.models import Customer
from customers.search import fold_name, search
from tests.customers.conftest import CPF, OTHER_CPF

Make = Callable[..., Customer]


@pytest.fixture
def people(make_customer: Make) -> None:
    make_customer("José d'Ávila Conceição", cpf=CPF, phone="+5511988880001", email="Jose@Loja.Example")
    make_customer("Maria José Silva", cpf=OTHER_CPF, phone="+551133334444", email="maria@loja.example")
    make_customer("Ana-Clara Josefina")


def found(text: str, *, in_name_order: bool = True) -> list[str]:
    rows = search(Customer.objects.all(), text, in_name_order=in_name_order)
    return [name.split()[0] for name in rows.order_by("pk").values_list("name", flat=True)]


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("  José   d'Ávila ", "jose d avila"),
        ("ANA-CLARA", "ana clara"),
        ("Conceição", "conceicao"),
        ("Łucja_Ø", "łucja ø"),
        ("·", ""),
    ],
)
def test_a_name_is_folded_to_its_words(name: str, folded: str) -> None:
    assert fold_name(name) == folded


@given(st.text(max_size=40))
def test_folding_is_done_once_and_for_all(text: str) -> None:
    assert fold_name(fold_name(text)) == fold_name(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("jose", ["José", "Maria", "Ana-Clara"]),
        ("JOSÉ SILVA", ["Maria"]),
        ("silva mar", ["Maria"]),
        ("clara ana", ["Ana-Clara"]),
        ("avila", ["José"]),
        ("d'avila", ["José"]),
        ("vila", []),
        ("osé", []),
        ("%", []),
        ("ana_clara", ["Ana-Clara"]),
        ("529.982.247-25", ["José"]),
        ("52998224725", ["José"]),
        ("(11) 98888-0001", ["José"]),
        ("+55 11 98888 0001", ["José"]),
        ("1133334444", ["Maria"]),
        ("11144477735", ["Maria"]),
        ("52998224724", []),
        ("123", []),
        ("jose@loja.example", ["José"]),
        ("MARIA@LOJA.EXAMPLE", ["Maria"]),
        ("maria@", []),
        ("jose " * 41, []),
        ("   ", ["José", "Maria", "Ana-Clara"]),
    ],
)
@pytest.mark.parametrize("in_name_order", [True, False])
@pytest.mark.usefixtures("people")
def test_what_is_typed_finds_exactly(text: str, names: list[str], in_name_order: bool) -> None:
    assert found(text, in_name_order=in_name_order) == names


def test_eleven_digits_may_be_a_cpf_and_a_phone(make_customer: Make) -> None:
    both = "11987654374"
    make_customer("Cpf", cpf=both)
    make_customer("Fone", phone=f"+55{both}")
    assert found(both) == ["Cpf", "Fone"]
