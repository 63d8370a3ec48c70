"""Mirrored customers, the sales registered through this program, and what we note about customers ourselves.

Knows nothing of rewards or vouchers.
"""

from customers.models.care import Consent, Note, NotSamePerson, Tag, Tagging
from customers.models.mirror import Customer
from customers.models.sales import Sale

__all__ = [
    "Consent",
    "Customer",
    "NotSamePerson",
    "Note",
    "Sale",
    "Tag",
    "Tagging",
]
