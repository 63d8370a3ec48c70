"""What Smart Passes does to its data. Knows no HTTP and no wire format.

Every effect is one transaction (BEGIN IMMEDIATE) whose deciding step is a conditional update or a unique
constraint, so that of two simultaneous requests exactly one has the effect. Source: contract smartpasses-v1 §4.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from sandbox.smartpasses.models import CANCELLED, DRAFT, PUBLISHED, Customer, Offer, Serial
from sandbox.smartpasses.refusals import invalid, not_found, wrong_status

TAKEN = "already taken"


def find_customer(number: str) -> Customer:
    """The customer with a number, given as text."""
    found = Customer.objects.filter(number=_number(number)).first()
    if found is None:
        raise not_found()
    return found


def create_customer(**fields: Any) -> Customer:
    """A new customer, anonymous when nothing is given; a phone that is taken is refused."""
    try:
        with transaction.atomic():
            return Customer.objects.create(number=_next("next_customer"), **fields)
    except IntegrityError:
        raise invalid({"phone": TAKEN}) from None


def update_customer(number: str, **fields: Any) -> Customer:
    """Change what is given; points are set, not added."""
    try:
        with transaction.atomic():
            if not Customer.objects.filter(number=_number(number)).update(**fields):
                raise not_found()
            return find_customer(number)
    except IntegrityError:
        raise invalid({"phone": TAKEN}) from None


def delete_customer(number: str) -> None:
    """Delete a customer for good."""
    deleted, _ = Customer.objects.filter(number=_number(number)).delete()
    if not deleted:
        raise not_found()


def add_points(number: str, points: int) -> Customer:
    """Raise a customer's points."""
    return update_customer(number, points=F("points") + points)


def create_offer(*, status: str = DRAFT, **fields: Any) -> Offer:
    """A new offer; from outside always a draft."""
    with transaction.atomic():
        return Offer.objects.create(number=_next("next_offer"), status=status, **fields)


def update_offer(number: str, **fields: Any) -> Offer:
    """Change an offer that is not over."""
    with transaction.atomic():
        offer = _offer(number)
        if offer.status == CANCELLED:
            raise wrong_status("A Cancelled offer can not be changed")
        for name, value in fields.items():
            setattr(offer, name, value)
        offer.save()
    return offer


def delete_offer(number: str) -> None:
    """Delete a draft."""
    with transaction.atomic():
        offer = _offer(number)
        if offer.status != DRAFT:
            raise wrong_status("Only offers in Draft status can be deleted")
        offer.delete()


def publish_offer(number: str) -> Offer:
    """Draft becomes Published."""
    return _moved(number, DRAFT, PUBLISHED, "Only offers in Draft status can be published")


def cancel_offer(number: str) -> Offer:
    """Published becomes Cancelled."""
    return _moved(number, PUBLISHED, CANCELLED, "Only Published offers can be cancelled")


def _moved(number: str, before: str, after: str, refusal: str) -> Offer:
    with transaction.atomic():
        moved = Offer.objects.filter(number=_number(number), status=before).update(status=after)
        offer = _offer(number)
        if not moved:
            raise wrong_status(refusal)
    return offer


def _offer(number: str) -> Offer:
    found = Offer.objects.filter(number=_number(number)).first()
    if found is None:
        raise not_found()
    return found


def _number(text: str) -> int:
    """The number behind an id as text; 0, which no row has, when the text is no id."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
    return number if str(number) == text else 0


def _next(column: str) -> int:
    Serial.objects.update(**{column: F(column) + 1})
    taken: int = Serial.objects.values_list(column, flat=True).get()
    return taken - 1
