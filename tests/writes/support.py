"""Time for writes in tests: rows are made older instead of tests getting slower."""

from datetime import datetime, timedelta

from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import look


def grow_old(write: Write, seconds: float = 95) -> Write:
    """Move everything that happened to a write so far into the past."""
    step = timedelta(seconds=seconds)
    write.refresh_from_db()
    moved = {
        name: getattr(write, name) - step
        for name in ("created_at", "sent_at", "gave_up_at")
        if getattr(write, name) is not None
    }
    evidence = [
        {**reading, "at": (datetime.fromisoformat(reading["at"]) - step).isoformat()}
        for reading in write.evidence
    ]
    Write.objects.filter(pk=write.pk).update(**moved, evidence=evidence, settle_after=None)
    write.refresh_from_db()
    return write


def look_after(write: Write, seconds: float = 95) -> Write:
    """Look at the evidence as if so much time had passed."""
    grow_old(write, seconds)
    return look(str(write.pk))
