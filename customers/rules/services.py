"""What a manager does with the rule: enter a version, cancel one that has not begun, make and end campaigns.

Nothing here reaches a platform: the rule that counts is entered in its panel.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone

from customers.rules.models import TERMS, Campaign, RuleVersion
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, User
from smartbis_admin.staff.services import audit

CONDITIONS = (
    "name",
    "first_day",
    "last_day",
    "weekdays",
    "from_time",
    "until_time",
    "stores",
    "machines",
    "category",
    "cashback_multiplier",
    "points_multiplier",
    "stacks",
)


class RuleRefusedError(Exception):
    """What was asked for does not fit what is in force; nothing changed. `reason`: see `words.REFUSALS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def store_names() -> dict[int, str]:
    """What each store is called, by its key: rules and campaigns name stores by keys."""
    return dict(Store.objects.values_list("pk", "name"))


def current_version(connection: Connection) -> RuleVersion | None:
    """The version in force now; None: no rule was entered, or the first one has not begun."""
    return version_at(connection=connection, moment=timezone.now())


def version_at(*, connection: Connection, moment: datetime) -> RuleVersion | None:
    """The version in force at a moment."""
    versions = RuleVersion.objects.filter(connection=connection, cancelled_at=None, valid_from__lte=moment)
    return versions.order_by("-valid_from").first()


def enter_version(
    *, connection: Connection, terms: Mapping[str, Any], by: User | None, valid_from: datetime | None = None
) -> RuleVersion | None:
    """Add a version that holds from a moment (default: now) until the next one. None: the rule says that already.

    `terms` names every one of `TERMS`. Only the first version of a connection may begin in the past: what was in
    force is never rewritten. Raises `RuleRefusedError`.
    """
    now = timezone.now()
    moment = valid_from or now
    known = RuleVersion.objects.filter(connection=connection, cancelled_at=None)
    if moment < now and known.exists():
        raise RuleRefusedError("past")
    before = version_at(connection=connection, moment=moment)
    if before is not None and all(getattr(before, name) == terms[name] for name in TERMS):
        return None
    values = {name: terms[name] for name in TERMS}
    try:
        with transaction.atomic():
            version = RuleVersion.objects.create(
                connection=connection, valid_from=moment, created_at=now, created_by=by, **values
            )
            audit(actor=by, action="rule.changed", subject=f"connection:{connection.pk}")
    except IntegrityError:
        raise RuleRefusedError("same_moment") from None
    return version


@transaction.atomic
def cancel_version(*, version: RuleVersion, by: User) -> None:
    """Take back a version whose moment has not come. Raises `RuleRefusedError` once it is in force."""
    now = timezone.now()
    waiting = RuleVersion.objects.filter(pk=version.pk, cancelled_at=None, valid_from__gt=now)
    if not waiting.update(cancelled_at=now, cancelled_by=by):
        raise RuleRefusedError("in_force")
    audit(
        actor=by,
        action="rule.cancelled",
        subject=f"connection:{version.connection_id}",
        valid_from=version.valid_from.isoformat(),
    )


def campaign_categories(connection: Connection) -> list[str]:
    """The categories campaigns of today ask for: what the counter can say of a sale."""
    today = today_at(connection)
    asking = Campaign.objects.filter(
        connection=connection, ended_at=None, first_day__lte=today, last_day__gte=today
    ).exclude(category="")
    return sorted(set(asking.order_by().values_list("category", flat=True)))


def today_at(connection: Connection) -> date:
    """The day it is on the clock of the account."""
    return timezone.localdate(timezone=ZoneInfo(connection.time_zone))


@transaction.atomic
def save_campaign(
    *, connection: Connection, values: Mapping[str, Any], by: User, campaign: Campaign | None = None
) -> Campaign:
    """Make a campaign, or change one that has not begun. `values` names every one of `CONDITIONS`.

    Raises `RuleRefusedError` for a campaign that has begun or was ended: what sales were judged by stays.
    """
    wanted = {name: values[name] for name in CONDITIONS}
    if campaign is None:
        campaign = Campaign.objects.create(connection=connection, created_by=by, **wanted)
        audit(actor=by, action="campaign.created", subject=f"campaign:{campaign.pk}")
        return campaign
    waiting = Campaign.objects.filter(pk=campaign.pk, ended_at=None, first_day__gt=today_at(connection))
    if not waiting.update(**wanted):
        raise RuleRefusedError("begun")
    audit(actor=by, action="campaign.changed", subject=f"campaign:{campaign.pk}")
    campaign.refresh_from_db()
    return campaign


@transaction.atomic
def end_campaign(*, campaign: Campaign, by: User) -> None:
    """Let a campaign count no longer, from now on. Raises `RuleRefusedError` when it is over already."""
    today = today_at(campaign.connection)
    alive = Campaign.objects.filter(pk=campaign.pk, ended_at=None, last_day__gte=today)
    if not alive.update(ended_at=timezone.now(), ended_by=by):
        raise RuleRefusedError("over")
    audit(actor=by, action="campaign.ended", subject=f"campaign:{campaign.pk}")
