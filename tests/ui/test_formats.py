"""Values as people read them, in the three languages, and typed values as the program reads them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from smartbis_admin.ui import formats
from smartbis_admin.ui.forms import CpfField, MoneyField, PhoneField

NBSP = "\xa0"


@pytest.mark.parametrize(
    ("language", "amount", "negative", "points", "moment"),
    [
        ("pt-br", f"R${NBSP}1.234,56", f"-R${NBSP}0,50", "1.234,5 pontos", "05/03/2026 14:31"),
        ("en", "R$1,234.56", "-R$0.50", "1,234.5 points", "5 Mar 2026, 14:31"),
        ("es", "R$1,234.56", "-R$0.50", "1,234.5 puntos", "05/03/2026 14:31"),
    ],
)
def test_formats_of_the_glossary(language: str, amount: str, negative: str, points: str, moment: str) -> None:
    with translation.override(language):
        assert formats.money(Decimal("1234.56")) == amount
        assert formats.money(Decimal("-0.5")) == negative
        assert formats.number(Decimal("1234.50")) == points.split()[0]
        assert formats.datetime_local(datetime(2026, 3, 5, 17, 31, tzinfo=UTC)) == moment


def test_points_carry_their_word() -> None:
    assert formats.points(Decimal("1234.5")) == "1.234,5 pontos"
    assert formats.points(Decimal("1.00")) == "1 ponto"
    assert formats.points(Decimal(0)) == "0 pontos"


NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (timedelta(seconds=-5), "agora"),
        (timedelta(seconds=59), "agora"),
        (timedelta(seconds=60), "há 1 min."),
        (timedelta(minutes=59, seconds=59), "há 59 min."),
        (timedelta(hours=1), "há 1 h"),
        (timedelta(hours=23, minutes=59), "há 23 h"),
        (timedelta(days=1), "há 1 dia"),
        (timedelta(days=59, hours=23), "há 59 dias"),
        (timedelta(days=60), "22/09/2026"),
    ],
)
def test_ages(ago: timedelta, shown: str) -> None:
    assert formats.age(NOW - ago, now=NOW) == shown


def test_phones_as_people_write_them() -> None:
    assert formats.phone("+5511988880001") == "(11) 98888-0001"
    assert formats.phone("+14155552671") == "+1 415-555-2671"
    assert formats.phone("lixo") == "lixo"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "Sim"),
        (Decimal("1234.50"), "1234,5"),
        (Decimal("-2"), "-2"),
        (Decimal("100"), "100"),
        (1234, "1234"),
        (date(2026, 3, 5), "05/03/2026"),
        ("Ana", "Ana"),
        ("-Ana", "'-Ana"),
        (f"R${NBSP}1", "R$ 1"),
    ],
)
def test_export_cells(value: Any, cell: str) -> None:
    assert formats.export_value(value) == cell


# --- Typed values -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1.234,56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1234.56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("R$ 1.234,5", "1234.5"),
        (f"r${NBSP}10", "10"),
        ("1.234", "1234"),
        ("1.234.567", "1234567"),
        (" 0,01 ", "0.01"),
    ],
)
def test_money_as_it_is_typed(typed: str, amount: str) -> None:
    assert MoneyField().clean(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["1,234", "12.34.56", "1e5", "dez", "1.23,4", "--1", "NaN", "1,2,3", "٣"])
def test_money_that_could_mean_anything_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError, match="Escreva o valor como"):
        MoneyField().clean(typed)


def test_money_limits_and_blank() -> None:
    with pytest.raises(forms.ValidationError) as refused:
        MoneyField(min_value=Decimal("0.01")).clean("0")
    assert refused.value.messages == [f"O valor não pode ser menor que R${NBSP}0,01."]
    with pytest.raises(forms.ValidationError, match="Informe o valor"):
        MoneyField().clean("")
    assert MoneyField(required=False).clean("") is None
    assert MoneyField().prepare_value(Decimal("1234.5")) == "1234,50"


def test_cpf_field() -> None:
    assert CpfField().clean(" 529.982.247-25 ") == "52998224725"
    assert CpfField(required=False).clean("") == ""
    assert CpfField().prepare_value("52998224725") == "529.982.247-25"
    for wrong in ("529.982.247-26", "abc", "111.111.111-11", "5299822472512"):
        with pytest.raises(forms.ValidationError, match="Este CPF não existe") as refused:
            CpfField().clean(wrong)
        assert wrong not in str(refused.value)


def test_phone_field() -> None:
    assert PhoneField().clean("(11) 98888-0001") == "+5511988880001"
    assert PhoneField(required=False).clean("  ") == ""
    assert PhoneField().prepare_value("+5511988880001") == "(11) 98888-0001"
    with pytest.raises(forms.ValidationError, match="com DDD"):
        PhoneField().clean("98888")


# --- Tags -------------------------------------------------------------------------------------------------
def render(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context)).strip()


def test_nothing_is_a_dash() -> None:
    for name in ("money", "points", "number", "day", "datetime_local", "phone", "cpf_masked", "cpf_full"):
        assert render("{{ value|" + name + " }}", value=None) == "—"


def test_cpf_is_masked() -> None:
    assert render("{{ '52998224725'|cpf_masked }}") == "•••.982.247-••"
    assert render("{{ '52998224725'|cpf_full }}") == "529.982.247-25"


def test_an_unknown_icon_fails_and_a_known_one_is_in_the_sprite() -> None:
    assert 'ui/vendor/icons.svg#gift"' in render("{% icon 'gift' %}")
    assert 'role="img" aria-label="Brinde"' in render("{% icon 'gift' 'Brinde' %}")
    with pytest.raises(TemplateSyntaxError, match="unicorn"):
        render("{% icon 'unicorn' %}")


def test_values_are_escaped() -> None:
    shown = render("{% status_badge label 'info' 'ticket' %}", label="<script>")
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
