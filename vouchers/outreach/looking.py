"""The looks of the automations through the mirror: whose turn it is, one worker at a time, and what it left.

Finding and enrolling are elsewhere; here is only when. Safe to call any number of times at once.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from smartbis_admin.api.capabilities import Capability
from smartbis_admin.connections.models import Connection
from vouchers.outreach.enrolling import Enrolment, Tally, channels_now, enrol
from vouchers.outreach.finding import find
from vouchers.outreach.models import Automation
from vouchers.outreach.models.plans import Plan
from vouchers.outreach.services import automation_of, preferences
from vouchers.outreach.texts import current
from vouchers.outreach.triggers import spec_of

#: A look that has not told of itself for so long has died.
LEASE = timedelta(minutes=5)


def look_all() -> None:
    """Let every automation that is on and due look once."""
    for trigger in Automation.objects.filter(is_on=True).values_list("trigger", flat=True):
        look(trigger)


def look(trigger: str, now: datetime | None = None) -> Tally | None:
    """One look of a trigger, if it is on, due, and nobody else looks. What became of everybody found."""
    now = now or timezone.now()
    due = Q(looked_at=None) | Q(looked_at__lte=now - spec_of(trigger).every)
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    mine = Automation.objects.filter(due & free, pk=trigger, is_on=True)
    if not mine.update(leased_until=now + LEASE):
        return None
    automation = automation_of(trigger)
    enrolment = enrolment_of(automation, trigger, now)
    for piece in find(automation, now):
        held = Automation.objects.filter(pk=trigger, is_on=True, leased_until__isnull=False)
        if not held.update(leased_until=timezone.now() + LEASE):
            # Switched off meanwhile.
            return enrolment.tally
        enrol(enrolment, piece)
    Automation.objects.filter(pk=trigger).update(
        looked_at=now, leased_until=None, left_out=dict(enrolment.tally.left_out)
    )
    return enrolment.tally


def enrolment_of(
    plan: Plan, trigger: str, now: datetime, *, dry: bool = False, text_name: str = ""
) -> Enrolment:
    """What a pass for this plan goes by."""
    can_whatsapp = Connection.objects.able_to(Capability.SEND_WHATSAPP).exists()
    return Enrolment(
        plan=plan,
        trigger=trigger,
        preferences=preferences(),
        texts=current(trigger, text_name),
        channels=channels_now(plan, can_whatsapp=can_whatsapp),
        now=now,
        dry=dry,
    )


def would_reach(automation: Automation, now: datetime | None = None) -> Tally:
    """Who the automation would write to if it looked now; queues nothing. As long as the audience is."""
    now = now or timezone.now()
    if automation.switched_on_at is None:
        automation.switched_on_at = now - timedelta(days=1)
    enrolment = enrolment_of(automation, automation.trigger, now, dry=True)
    for piece in find(automation, now):
        enrol(enrolment, piece)
    return enrolment.tally
