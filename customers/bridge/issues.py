"""Keeps what feeds sent and could not be used: each kind of problem of each row once, with how often it came."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from customers.bridge.models import Bridge, FeedIssue, Road


class Problem(NamedTuple):
    """One problem. `lost` False: what it is about was kept all the same."""

    reason: str
    remote_id: str = ""
    subject: str = "sale"
    lost: bool = True


def keep_problems(bridge: Bridge, road: Road, problems: Iterable[Problem]) -> None:
    """Store problems of one page or delivery. The same again is counted, and comes back if it was put aside."""
    wanted = {(p.subject, p.remote_id[:200], p.reason[:40]): p for p in problems}
    if not wanted:
        return
    now = timezone.now()
    rows = FeedIssue.objects.filter(bridge=bridge, road=road)
    with transaction.atomic():
        alike = rows.filter(
            remote_id__in={key[1] for key in wanted}, reason__in={key[2] for key in wanted}
        ).values_list("subject", "remote_id", "reason", "pk")
        known = {(subject, remote_id, reason): pk for subject, remote_id, reason, pk in alike}
        again = [pk for key, pk in known.items() if key in wanted]
        rows.filter(pk__in=again).update(
            count=F("count") + 1, last_at=now, resolved_at=None, resolved_by=None
        )
        FeedIssue.objects.bulk_create(
            [
                FeedIssue(
                    bridge=bridge, road=road, subject=key[0], remote_id=key[1], reason=key[2],
                    is_lost=problem.lost, first_at=now, last_at=now,
                )
                for key, problem in wanted.items()
                if key not in known
            ],
            ignore_conflicts=True,
        )  # fmt: skip
