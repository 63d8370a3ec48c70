"""CPF, phone and voucher code as text; python-stdnum is the oracle for check digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.br import cpf as oracle

from smartbis_admin.api.brazil import (
    format_cpf,
    is_valid_cpf,
    mask_cpf,
    mask_email,
    mask_phone,
    mask_voucher_code,
    national_phone,
    normalise_cpf,
    normalise_phone,
    normalise_voucher_code,
    voucher_code_key,
)

DIGITS = st.text("0123456789", min_size=11, max_size=11)
BASES = st.integers(0, 10**9 - 1).map(lambda number: f"{number:09d}")


def with_check_digits(base: str) -> str:
    return next(base + f"{check:02d}" for check in range(100) if oracle.is_valid(base + f"{check:02d}"))


@given(DIGITS)
def test_check_digits_like_the_oracle(digits: str) -> None:
    # The oracle takes repeated digits; they were never issued.
    assert is_valid_cpf(digits) == (oracle.is_valid(digits) and len(set(digits)) > 1)


@given(BASES.filter(lambda base: len(set(base)) > 1))
def test_every_way_of_writing_a_cpf(base: str) -> None:
    cpf = with_check_digits(base)
    assert is_valid_cpf(cpf)
    assert normalise_cpf(format_cpf(cpf)) == cpf
    assert normalise_cpf(str(int(cpf))) == cpf
    assert normalise_cpf(f" {cpf} ") == cpf


@given(BASES.filter(lambda base: len(set(base)) > 1), st.integers(0, 10), st.integers(1, 9))
def test_any_one_wrong_digit_is_found(base: str, place: int, by: int) -> None:
    cpf = with_check_digits(base)
    wrong = cpf[:place] + str((int(cpf[place]) + by) % 10) + cpf[place + 1 :]
    # Other people's valid numbers differ in more than one digit, but for the check digits 10 -> 0.
    assert is_valid_cpf(wrong) == (oracle.is_valid(wrong) and len(set(wrong)) > 1)


@pytest.mark.parametrize(
    "text", ["", "abc", "0", "529982247255", "52998224724", "٥٢٩٩٨٢٢٤٧٢٥", "11111111111"]
)
def test_not_a_cpf(text: str) -> None:
    assert normalise_cpf(text) is None
    assert not is_valid_cpf(text)


@pytest.mark.parametrize(
    ("cpf", "shown"),
    [("52998224725", "•••.982.247-••"), ("", ""), (None, ""), ("529", "•••.•••.•••-••")],
)
def test_mask(cpf: str | None, shown: str) -> None:
    assert mask_cpf(cpf) == shown


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("11988880001", "+5511988880001"),
        ("(11) 98888-0001", "+5511988880001"),
        ("+55 11 98888-0001", "+5511988880001"),
        ("5511988880001", "+5511988880001"),
        ("1138880001", "+551138880001"),
        ("551138880001", "+551138880001"),
        # Area code 55 (Santa Maria): on 11 digits it is not the country code.
        ("55988880001", "+5555988880001"),
        ("5555988880001", "+5555988880001"),
        ("011 98888-0001", "+5511988880001"),
        ("+1 415 555 2671", "+14155552671"),
        ("+351 912 345 678", "+351912345678"),
        ("988880001", None),
        ("1098888000", None),
        ("0000000000", None),
        ("", None),
        ("telefone", None),
    ],
)
def test_phone(text: str, phone: str | None) -> None:
    assert normalise_phone(text) == phone


@given(st.from_regex(r"[1-9][1-9][0-9]{8,9}", fullmatch=True))
def test_phone_round_trip(digits: str) -> None:
    phone = normalise_phone(digits)
    assert phone == f"+55{digits}"
    assert national_phone(phone) == digits


@given(st.text())
def test_any_text_is_a_phone_or_not(text: str) -> None:
    phone = normalise_phone(text)
    assert phone is None or (phone[0] == "+" and phone[1:].isdigit())


@pytest.mark.parametrize("phone", ["+14155552671", "11988880001", "", "+55123"])
def test_not_a_brazilian_phone(phone: str) -> None:
    assert national_phone(phone) is None


@pytest.mark.parametrize(
    ("typed", "code", "key"),
    [
        (" vale-7k2m-9q ", "VALE-7K2M-9Q", "VALE7K2M9Q"),
        ("VALE 7K2M\t9Q\n", "VALE7K2M9Q", "VALE7K2M9Q"),
        ("vale–7k2m", "VALE–7K2M", "VALE7K2M"),
        (" \t", "", ""),
        ("-", "-", ""),
    ],
)
def test_voucher_code(typed: str, code: str, key: str) -> None:
    assert normalise_voucher_code(typed) == code
    assert voucher_code_key(typed) == key


@pytest.mark.parametrize(("code", "shown"), [("VALE-7K2M-9Q", "…M-9Q"), ("ABCD", "…"), ("", "…")])
def test_masked_code(code: str, shown: str) -> None:
    assert mask_voucher_code(code) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+5511988880001", "(11) •••••-0001"),
        ("+551138880001", "(11) ••••-0001"),
        ("+14155552671", "•••••-2671"),
        ("+123", "•••••"),
    ],
)
def test_masked_phone(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("email", "shown"), [("maria@loja.com", "m•••@loja.com"), ("maria", "•••"), ("@loja.com", "•••@loja.com")]
)
def test_masked_email(email: str, shown: str) -> None:
    assert mask_email(email) == shown
