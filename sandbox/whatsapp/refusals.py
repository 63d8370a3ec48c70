"""What the Graph API says no with: an error object with a code, which is what counts.

Source: Meta's published error codes of the Cloud API; codes and titles are theirs, texts are never parsed.
"""

import secrets
from typing import Any

from sandbox.vendors import Reply, json_reply

#: Titles by code.
TITLES = {
    100: "Invalid parameter",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "This message was not delivered to maintain healthy ecosystem engagement.",
    131050: "User has opted out of receiving marketing messages",
    131051: "Unsupported message type",
    131053: "Media upload error",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
    132005: "Translated text too long",
    132012: "Parameter format does not match format in the created template",
    132015: "Template is paused",
    132016: "Template is disabled",
}
#: Details of what fails on the way, by code.
DETAILS = {
    131026: "Message Undeliverable.",
    131047: "Message failed to send because more than 24 hours have passed since the customer last replied to this"
    " number.",
    131049: "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
}


class GraphError(Exception):
    """A call that is answered with an error object."""

    def __init__(
        self,
        code: int,
        details: str = "",
        *,
        status: int = 400,
        message: str = "",
        kind: str = "OAuthException",
    ) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details
        self.status = status
        self.message = message or f"(#{code}) {TITLES[code]}"
        self.kind = kind

    def reply(self) -> Reply:
        """The error as it goes out."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind, "code": self.code}
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        error["fbtrace_id"] = f"A{secrets.token_urlsafe(16)}"
        return json_reply({"error": error}, self.status)


def webhook_error(code: int) -> dict[str, Any]:
    """An error as a receipt carries it."""
    title = TITLES.get(code, "Message failed")
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": DETAILS.get(code, title)},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }


def bad_token() -> GraphError:
    """401 for a token that is missing, unknown or over."""
    return GraphError(190, status=401, message="Invalid OAuth access token - Cannot parse access token")


def unknown_object(given: str) -> GraphError:
    """400 for an address nothing stands behind."""
    text = (
        f"Unsupported request. Object with ID '{given}' does not exist, cannot be loaded due to missing"
        " permissions, or does not support this operation."
    )
    return GraphError(100, message=text, kind="GraphMethodException")


def too_many_requests() -> GraphError:
    """429, which only the control plane brings about."""
    return GraphError(130429, "Message failed to send because there were too many messages sent.", status=429)


def server_error() -> GraphError:
    """500."""
    return GraphError(131000, "Message failed to send due to an unknown error.", status=500)
