"""Around the queue: what a worker that died had in its hands, and campaigns of which nothing waits any more."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from smartbis_admin.writes.models import Write
from vouchers.outreach import life
from vouchers.outreach.models import Campaign, Message

State = Message.State
#: A worker is not heard of for so long: it died.
DEAD_AFTER = timedelta(minutes=5)


def recover(now: datetime) -> None:
    """Messages of workers that died: back into the queue if nothing can have left, else in doubt.

    Those with an open write are the ledger's: it notices by itself and tells (`writes.py`). One whose write is
    settled goes back as well: whoever takes it finds what became of it and sends nothing.
    """
    dead = Message.objects.filter(state=State.SENDING, claimed_at__lt=now - DEAD_AFTER, write=None)
    for pk, left_at in dead.values_list("pk", "left_at"):
        if left_at is not None:
            life.doubt(pk)
        elif life.put_back(pk, now):
            life.give_place_back(pk)
    unsent = Q(write__state=Write.State.PENDING, write__attempts=0) | Q(write__state=Write.State.NOT_SENT)
    settled = Q(write__state__in=[Write.State.DONE, Write.State.REFUSED])
    held = Message.objects.filter(unsent | settled, state=State.SENDING, claimed_at__lt=now - DEAD_AFTER)
    for pk in held.values_list("pk", flat=True):
        if life.put_back(pk, now):
            life.give_place_back(pk)


def finish_campaigns() -> None:
    """Campaigns of which nothing waits any more are done."""
    # One by one, each from its index: a look through all messages there are would cost more with every year.
    for campaign in Campaign.objects.filter(state=Campaign.State.RUNNING):
        if not campaign.messages.filter(state__in=[State.QUEUED, State.SENDING]).exists():
            Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.RUNNING).update(
                state=Campaign.State.DONE, finished_at=timezone.now()
            )
