"""Personal data as people without the permission see it."""

import pytest

from smartbis_admin.api.brazil import mask_email, mask_phone


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+5511988880001", "(11) •••••-0001"),
        ("+551133334444", "(11) ••••-4444"),
        ("+14155550100", "•••••-0100"),
        ("+55119", "•••••"),
    ],
)
def test_a_phone_shows_its_end(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("email", "shown"),
    [("ana@cliente.example", "a•••@cliente.example"), ("a@b@c.example", "a•••@c.example"), ("ana", "•••")],
)
def test_an_email_shows_its_first_letter_and_its_domain(email: str, shown: str) -> None:
    assert mask_email(email) == shown
