"""The acts and the switch that every vendor has who sends something to us. Knows no vendor.

Documented in `sandbox/README.md`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.arguments import Arguments
from sandbox.control.courier import AUTO, HELD, SENDING, courier
from sandbox.vendors import Switch

SENDING_SWITCH = {SENDING: Switch((AUTO, HELD))}


def delivery_acts(vendor: str) -> dict[str, Callable[[str, Mapping[str, Any]], Any]]:
    """The acts on the deliveries of a vendor."""

    def deliveries(credential: str, given: Mapping[str, Any]) -> Any:
        """What was or will be sent."""
        with Arguments(given):
            return courier.rows(vendor, credential)

    def deliver(credential: str, given: Mapping[str, Any]) -> Any:
        """Send what is due, and wait until it is over."""
        with Arguments(given):
            return courier.deliver(vendor, credential)

    def take_deliveries(credential: str, given: Mapping[str, Any]) -> Any:
        """Hand out what is due."""
        with Arguments(given):
            return [
                {
                    "event": event,
                    "url": envelope.url,
                    "headers": dict(envelope.headers),
                    "body": envelope.body.decode(),
                }
                for event, envelope in courier.take(vendor, credential)
            ]

    return {act.__name__: act for act in (deliveries, deliver, take_deliveries)}
