"""Everything that happened to one customer, newest first: what the platform told us and what people did here.

`engine` mixes and pages, `own` holds this room's sources; other rooms register theirs in a `timeline` module.
"""

from customers.timeline import own as own
from customers.timeline.engine import SOURCES, Event, Page, Source, register, timeline

__all__ = ["SOURCES", "Event", "Page", "Source", "register", "timeline"]
