"""How much in the inbox waits for a person: for the navigation, the start page and the list itself."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from customers.bridge.models import PosSale

State = PosSale.State


@dataclass(frozen=True)
class Waiting:
    """Counts of sales; `oldest`: since when the oldest unidentified one waits."""

    unidentified: int
    in_doubt: int
    reversal: int
    oldest: datetime | None


def count_waiting() -> Waiting:
    """Three counts, each through a small index of what waits, whatever the size of the inbox."""
    unidentified = PosSale.objects.filter(state=State.UNIDENTIFIED).aggregate(
        rows=Count("pk"), oldest=Min("state_since")
    )
    return Waiting(
        unidentified=unidentified["rows"],
        oldest=unidentified["oldest"],
        in_doubt=PosSale.objects.filter(state=State.IN_DOUBT).count(),
        reversal=PosSale.objects.filter(reversal_due=True, state=State.REGISTERED).count(),
    )
