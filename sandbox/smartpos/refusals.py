"""What SmartPOS says no with: a word and a text. Source: contract smartpos.md §2.2; the words are assumed."""

from collections.abc import Mapping

from sandbox.vendors import Reply, json_reply


class Refused(Exception):
    """A call that is answered with a refusal."""

    def __init__(self, status: int, word: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.word = word
        self.text = text

    def reply(self) -> Reply:
        """The refusal as it goes out."""
        headers = (("Retry-After", "1"),) if self.status == 429 else ()
        return json_reply({"error": self.word, "message": self.text}, self.status, headers)


def invalid(errors: Mapping[str, str]) -> Refused:
    """400 for a body or a parameter that makes no sense."""
    return Refused(400, "invalid_request", "; ".join(f"{key} {text}" for key, text in errors.items()))


def wrong_pair() -> Refused:
    """401 for a client that is not known or a secret that is not its own."""
    return Refused(401, "invalid_client", "Unknown client or wrong secret")


def unauthorized() -> Refused:
    """401 for a token that is missing, unknown or over."""
    return Refused(401, "invalid_token", "The access token is missing, unknown or over")


def not_found() -> Refused:
    """404 for whatever has no call."""
    return Refused(404, "not_found", "Not found")


def gone() -> Refused:
    """410 for a cursor that is too old."""
    return Refused(410, "cursor_expired", "The cursor is too old, start without one")


def too_many_requests() -> Refused:
    """429, which only the control plane brings about."""
    return Refused(429, "rate_limited", "Too many requests")


def server_error() -> Refused:
    """500."""
    return Refused(500, "server_error", "Internal server error")
