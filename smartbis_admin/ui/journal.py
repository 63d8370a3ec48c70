"""What the kit itself does that has to be on record: exports and acts on many rows.

The audit trail belongs to the room of people, which lies above the kit; it hands its pen down at start.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

_PENS: list[str] = []


def keep_with(pen: str) -> None:
    """Use the function of this dotted name from now on: `pen(actor=…, action=…, subject=…, **details)`."""
    _PENS[:] = [pen]


def note(user: Any, action: str, subject: str, **details: Any) -> None:
    """Put an act on record; without a pen nothing may happen at all. `details` hold no personal data."""
    if not _PENS:
        raise ImproperlyConfigured("nobody keeps the audit trail")
    import_string(_PENS[0])(actor=user, action=action, subject=subject, **details)
