"""What Smile says no with. Knows no edition: a call that was valid but failed has its status in the profile.

Source: contract smile-v1 §1. The texts are for a person and are never parsed.
"""

from collections.abc import Mapping


class Refused(Exception):
    """A call that is answered with a refusal; without a status it is one that was valid but failed."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class ShortBalance(Refused):
    """The customer has fewer points than it takes."""

    def __init__(self) -> None:
        super().__init__("The customer does not have enough points.")


def bad_request(errors: Mapping[str, str]) -> Refused:
    """400 for parameters that are missing or wrong."""
    return Refused(" ".join(f"{key} {text}." for key, text in errors.items()), 400)


def unauthorized() -> Refused:
    """401 for a missing or wrong key."""
    return Refused("Invalid credentials.", 401)


def forbidden(scope: str) -> Refused:
    """403 for a key without a scope."""
    return Refused(f"This API key does not have the required scope: {scope}.", 403)


def not_found(what: str = "The requested resource") -> Refused:
    """404."""
    return Refused(f"{what} could not be found.", 404)


def too_many_requests() -> Refused:
    """429; how long to wait is not said."""
    return Refused("Too many requests.", 429)


def server_error() -> Refused:
    """500."""
    return Refused("Something went wrong.", 500)
