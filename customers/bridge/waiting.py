"""How much in the inbox waits for a person: for the navigation, the start page and the list itself."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from customers.bridge.models import PosSale

State = PosSale.State


@dataclass(frozen=True)
class Waiting:
    """Counts of sales; `oldest`: since when the oldest unidentified one waits."""

    unidentified: int
    in_doubt: int
    reversal: int
    changed: int
    oldest: datetime | None


def count_waiting() -> Waiting:
    """Read through the small indexes of what waits, whatever the size of the inbox."""
    unidentified = PosSale.objects.filter(state=State.UNIDENTIFIED).aggregate(
        rows=Count("pk"), oldest=Min("state_since")
    )
    flagged = PosSale.objects.filter(Q(reversal_due=True) | Q(changed_after_send=True)).aggregate(
        reversal=Count("pk", filter=Q(reversal_due=True, state=State.REGISTERED)),
        changed=Count("pk", filter=Q(changed_after_send=True)),
    )
    return Waiting(
        unidentified=unidentified["rows"],
        oldest=unidentified["oldest"],
        in_doubt=PosSale.objects.filter(state=State.IN_DOUBT).count(),
        reversal=flagged["reversal"],
        changed=flagged["changed"],
    )
