"""The bridge, what it knows of machines, stores and buyers, the sales it brought and their life, its feeds.

Knows nothing of the wire and of screens; only `life.py` changes the state of a sale.
"""

from customers.bridge.models.account import Bridge, PosBuyer, PosMachine, PosStore, ReferenceSale
from customers.bridge.models.feeds import FeedIssue, PosFile, PosFileContent, PosFileError, Road
from customers.bridge.models.sales import PosReversal, PosSale, PosSaleEvent

__all__ = [
    "Bridge",
    "FeedIssue",
    "PosBuyer",
    "PosFile",
    "PosFileContent",
    "PosFileError",
    "PosMachine",
    "PosReversal",
    "PosSale",
    "PosSaleEvent",
    "PosStore",
    "ReferenceSale",
    "Road",
]
