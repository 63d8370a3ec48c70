"""Who does the work of a bridge: a lease in its row, so that two workers do not read or send side by side.

A lease is for economy; what must not happen twice is guarded where it happens.
"""

import uuid
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from customers.bridge.models import Bridge

#: Longer than the longest piece of work between two looks at the clock.
LEASE = timedelta(minutes=2)


def take(bridge_id: int, kind: str) -> uuid.UUID | None:
    """Take the lease `pull` or `work` of a bridge. None: somebody holds it."""
    now, worker = timezone.now(), uuid.uuid4()
    free = Q(**{f"{kind}_until": None}) | Q(**{f"{kind}_until__lt": now})
    held = Bridge.objects.filter(free, pk=bridge_id).update(
        **{f"{kind}_worker": worker, f"{kind}_until": now + LEASE}
    )
    return worker if held else None


def keep(bridge_id: int, kind: str, worker: uuid.UUID) -> bool:
    """Hold on to it for longer. False: it is somebody else's by now."""
    rows = Bridge.objects.filter(**{"pk": bridge_id, f"{kind}_worker": worker})
    return bool(rows.update(**{f"{kind}_until": timezone.now() + LEASE}))


def give_back(bridge_id: int, kind: str, worker: uuid.UUID) -> None:
    """Let the next one have it."""
    rows = Bridge.objects.filter(**{"pk": bridge_id, f"{kind}_worker": worker})
    rows.update(**{f"{kind}_worker": None, f"{kind}_until": None})
