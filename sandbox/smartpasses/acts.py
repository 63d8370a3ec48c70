"""Acts: changes behind the client's back, as Smart Passes' panel or the customer make them.

Source: contract README §4; argument names and the acts beyond the contract are documented in
`sandbox/README.md`. An act answers with the object as the API would show it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from sandbox.arguments import Arguments
from sandbox.smartpasses import services
from sandbox.smartpasses.models import DRAFT, STATUSES
from sandbox.smartpasses.refusals import Refused
from sandbox.smartpasses.wire import Show
from sandbox.vendors import ActRefused

Act = Callable[[Arguments], Any]
SHOW = Show()


def performed(act: Act) -> Callable[[str, Mapping[str, Any]], Any]:
    """The act as the register wants it: refusing unknown arguments, all or nothing."""

    def perform(_: str, given: Mapping[str, Any]) -> Any:
        try:
            with transaction.atomic(), Arguments(given) as arguments:
                return act(arguments)
        except Refused as refused:
            raise ActRefused(f"{refused.message} {refused.errors}") from refused

    return perform


def set_points(given: Arguments) -> Any:
    """Set a customer's points."""
    return SHOW.customer(services.update_customer(given.text("customer_id"), points=given.integer("points")))


def add_customer(given: Arguments) -> Any:
    """A customer who took a card; anonymous when nothing is known."""
    texts = ("first_name", "last_name", "email", "phone")
    fields = {name: given.text(name) for name in texts if given.has(name)}
    return SHOW.customer(services.create_customer(**fields, points=given.integer("points", 0)))


def edit_customer(given: Arguments) -> Any:
    """Change a customer in the panel."""
    texts = ("first_name", "last_name", "email", "phone")
    fields = {name: given.text(name) for name in texts if given.has(name)}
    return SHOW.customer(services.update_customer(given.text("customer_id"), **fields))


def remove_customer(given: Arguments) -> Any:
    """Delete a customer in the panel."""
    services.delete_customer(given.text("customer_id"))


def add_offer(given: Arguments) -> Any:
    """An offer from the panel, in any status."""
    status = given.text("status", DRAFT)
    if status not in STATUSES:
        raise ActRefused(f"status must be one of {', '.join(STATUSES)}")
    offer = services.create_offer(
        name=given.text("name"),
        description=given.text("description", ""),
        points_cost=given.integer("points_cost", 10),
        auto_claim=given.boolean("auto_claim", False),
        status=status,
    )
    return SHOW.offer(offer)


ACTS = {
    act.__name__: performed(act)
    for act in (set_points, add_customer, edit_customer, remove_customer, add_offer)
}
