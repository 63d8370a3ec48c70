"""Smart Passes' replies: every wire name and format stands here and nowhere else.

Source: contract smartpasses-v1 §1 and §3 with its OpenAPI document; the switches change what is only assumed.
"""

from dataclasses import dataclass
from typing import Any

from sandbox.smartpasses.models import Customer, Offer
from sandbox.smartpasses.refusals import Refused
from sandbox.vendors import Reply, json_reply


def human_name(row: Customer) -> str:
    """How the panel calls a customer: the name, or a word and the number."""
    return f"{row.first_name} {row.last_name}".strip() or f"Anónimo #{row.number}"


@dataclass(frozen=True)
class Show:
    """Turns rows into objects, as the switches say."""

    ids_as_text: bool = False
    cards_in_list: bool = False

    def id(self, number: int) -> Any:
        """A number, or its text."""
        return str(number) if self.ids_as_text else number

    def customer(self, row: Customer) -> dict[str, Any]:
        """A customer."""
        return {
            "id": self.id(row.number),
            "firstName": row.first_name,
            "lastName": row.last_name,
            "email": row.email,
            "phone": row.phone,
            "points": row.points,
            "humanName": human_name(row),
        }

    def created_customer(self, row: Customer) -> dict[str, Any]:
        """A new customer with the card to hand over."""
        card = {
            "url": f"https://cards.example/p/{row.number}",
            "serialNumber": f"s-{row.number}",
            "passTypeIdentifier": "pass.example.loyalty",
        }
        return {**self.customer(row), "card": [card] if self.cards_in_list else card}

    def points(self, row: Customer) -> dict[str, Any]:
        """The new total."""
        return {"id": self.id(row.number), "points": row.points}

    def offer(self, row: Offer) -> dict[str, Any]:
        """An offer."""
        return {
            "id": self.id(row.number),
            "name": row.name,
            "description": row.description,
            "pointsCost": row.points_cost,
            "autoClaim": row.auto_claim,
            "status": row.status,
        }


def refusal(refused: Refused, status: int) -> Reply:
    """The reply for a refusal; `status` is for those that have none of their own."""
    body: dict[str, Any] = {"message": refused.message}
    if refused.errors:
        body["errors"] = [{"field": key, "reasons": [reason]} for key, reason in refused.errors.items()]
    return json_reply(body, refused.status or status)
