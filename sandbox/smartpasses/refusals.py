"""What Smart Passes says no with. Source: contract smartpasses-v1 §1; the texts are never parsed."""

from collections.abc import Mapping


class Refused(Exception):
    """A call that is answered with a refusal; `errors` are reasons by field.

    Without a status it is a refusal of what was asked, whose status is a switch.
    """

    def __init__(
        self, message: str, status: int | None = None, *, errors: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.errors = dict(errors or {})


def invalid(errors: Mapping[str, str]) -> Refused:
    """Fields that are refused."""
    return Refused("Validation failed", errors=errors)


def wrong_status(message: str) -> Refused:
    """An offer is not where it would have to be; no field is to blame."""
    return Refused(message)


def forbidden() -> Refused:
    """403 for a key that is missing or wrong."""
    return Refused("Forbidden", 403)


def not_found() -> Refused:
    """404 for a programme, customer, offer or address that is not there."""
    return Refused("Not found", 404)


def too_many_requests() -> Refused:
    """429, which only the control plane brings about."""
    return Refused("Too many requests", 429)


def server_error() -> Refused:
    """500."""
    return Refused("Internal server error", 500)
