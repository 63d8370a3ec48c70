"""Acts on a customer: the shop's platform feeds, the panel credits, the customer joins and leaves."""

from typing import Any

from sandbox.arguments import Arguments
from sandbox.smile import services
from sandbox.smile.acts.given import customer_of, moment, removed, shown, word
from sandbox.smile.models import MEMBER, STATES, Customer, VipTierChange


def add_customer(account: int, now: int, given: Arguments) -> Any:
    """A customer the shop feeds in; only the e-mail is required, and it may be taken."""
    customer = services.add_customer(
        account=account,
        now=now,
        email=given.text("email"),
        first_name=given.text("first_name", None),
        last_name=given.text("last_name", None),
        date_of_birth=given.text("date_of_birth", None),
        state=word(given, "state", STATES, MEMBER),
        points_balance=given.integer("points_balance", 0),
        created_at=moment(given, "created_at", now),
    )
    return shown(account, now).customer(customer)


def edit_customer(account: int, now: int, given: Arguments) -> Any:
    """Change what the shop knows of a customer; `new_email` because `email` finds the customer."""
    customer = customer_of(account, given)
    for name in ("first_name", "last_name", "date_of_birth"):
        if given.has(name):
            setattr(customer, name, given.text(name))
    if given.has("new_email"):
        customer.email = given.text("new_email")
        customer.email_key = customer.email.casefold()
    customer.updated_at = now
    customer.save()
    return shown(account, now).customer(customer)


def credit(account: int, now: int, given: Arguments) -> Any:
    """Change a balance in the panel, up or down; `silent` as refunds do, without a transaction."""
    customer = customer_of(account, given)
    points, silent = given.integer("points"), given.boolean("silent", False)
    description = given.text("description", "Ajuste manual")
    note = given.text("internal_note", None)
    if silent:
        services.refund(customer=customer, now=now, points=points)
    else:
        services.change_points(
            customer_key=customer.pk, now=now, change=points, description=description, internal_note=note
        )
        customer.refresh_from_db()
    return shown(account, now).customer(customer)


def expire_points(account: int, now: int, given: Arguments) -> Any:
    """Let points end, all or some; no transaction tells of it."""
    customer = customer_of(account, given)
    services.expire_points(customer=customer, now=now, points=given.integer("points", None))
    return shown(account, now).customer(customer)


def set_state(account: int, now: int, given: Arguments) -> Any:
    """Let a customer join, leave or be shut out."""
    customer = customer_of(account, given)
    services.set_state(customer=customer, now=now, state=word(given, "state", STATES))
    return shown(account, now).customer(customer)


def remove_customer(account: int, now: int, given: Arguments) -> Any:
    """Make a customer vanish, as an erasure on request does."""
    return removed(Customer, account, given.text("customer_id"))


def tier_changes(account: int, now: int, given: Arguments) -> Any:
    """A customer's steps between tiers, newest first; no call of the API lists them."""
    rows = VipTierChange.objects.filter(customer_id=customer_of(account, given).pk).order_by("-pk")
    show = shown(account, now)
    return [show.tier_change(row) for row in rows]
