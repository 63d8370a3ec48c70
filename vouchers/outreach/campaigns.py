"""Campaigns: an audience is counted, a person confirms the number, messages are queued, and all can be held.

A walk through an audience has one worker at a time and goes on where one died; the queue's constraints see to
it that nobody is written to twice. Source: `communication-and-rules.md` §2.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from celery import current_app
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError

from customers.filters import CustomerFilter
from customers.models import Customer
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from vouchers.outreach.enrolling import Enrolment, Tally, enrol
from vouchers.outreach.finding import STANDING, Found, Piece, find, walk
from vouchers.outreach.looking import LEASE, enrolment_of
from vouchers.outreach.models import Campaign, Message
from vouchers.outreach.models.plans import MOST_HELD_OUT
from vouchers.outreach.services import automation_of, lacking
from vouchers.outreach.triggers import Text, Trigger, spec_of

log = structlog.get_logger(__name__)
State = Campaign.State
WALK_TASK = "vouchers.outreach.tasks.look"
#: Triggers a person may send by hand.
BY_HAND = tuple(trigger for trigger in Trigger if spec_of(trigger).by_hand)
_OVER = (State.DONE, State.STOPPED)
#: `Campaign.position` once the whole audience has been queued: it is not walked through again.
WALKED = 2**62


def create_campaign(
    *,
    name: str,
    channels: Sequence[str],
    by: User,
    trigger: str = Trigger.CAMPAIGN,
    text_name: str = "",
    audience_trigger: str = "",
    audience_query: str = "",
    audience_name: str = "",
    language: str = "",
    held_out_percent: int | None = None,
    scheduled_at: datetime | None = None,
) -> Campaign:
    """Make a campaign and let its audience be counted. Raises `ValidationError` by field."""
    problems: dict[str, list[Text]] = {}
    if trigger not in BY_HAND:
        problems["trigger"] = [_("Este gatilho não é enviado por uma pessoa.")]
    if audience_trigger and audience_trigger not in STANDING:
        problems["audience_trigger"] = [_("Este gatilho não serve de público.")]
    if (
        audience_query
        and not CustomerFilter(QueryDict(audience_query), Customer.objects.all()).form.is_valid()
    ):
        problems["audience_query"] = [_("O filtro tem um valor que não se pode ler.")]
    if scheduled_at is not None and scheduled_at <= timezone.now():
        problems["scheduled_at"] = [_("Escolha um momento no futuro.")]
    share = spec_of(trigger).held_out if held_out_percent is None else held_out_percent
    if not 0 <= share <= MOST_HELD_OUT:
        problems["held_out_percent"] = [_("O grupo de comparação vai de 0 a 50 %.")]
    if trigger in BY_HAND and (missing := lacking(trigger=trigger, channels=channels, text_name=text_name)):
        problems["channels"] = missing
    if problems:
        raise ValidationError(problems)
    with transaction.atomic():
        campaign = Campaign.objects.create(
            name=name.strip(),
            trigger=trigger,
            text_name=text_name,
            audience_trigger=audience_trigger,
            audience_query=audience_query,
            audience_name=audience_name,
            channels=list(channels),
            language=language,
            held_out_percent=share,
            scheduled_at=scheduled_at,
            state=State.COUNTING,
            created_by=by,
        )
        audit(actor=by, action="outreach.campaign_created", subject=f"campaign:{campaign.pk}")
        transaction.on_commit(ring)
    return campaign


def audience(campaign: Campaign, now: datetime) -> Iterator[Piece]:
    """The people a campaign is for, in pieces; those of a filter beyond the place its walk has reached."""
    occasion = f"campaign:{campaign.pk}"
    if campaign.audience_trigger:
        for piece in find(automation_of(campaign.audience_trigger), now):
            yield [Found(found.customer, occasion) for found in piece]
        return
    yield from walk(filtered(campaign.audience_query), occasion, after=campaign.position)


def filtered(query: str) -> QuerySet[Customer]:
    """The customers a filter of their list finds, by its query string."""
    rows: QuerySet[Customer] = CustomerFilter(QueryDict(query), Customer.objects.all()).qs
    return rows


def walk_all() -> None:
    """Go on with every audience that waits to be walked through, and begin what is due."""
    now = timezone.now()
    Campaign.objects.filter(state=State.SCHEDULED, scheduled_at__lte=now).update(
        state=State.QUEUEING, position=0, started_at=now
    )
    for pk in Campaign.objects.filter(state__in=Campaign.WALKING).values_list("pk", flat=True):
        walk_through(pk)


def walk_through(pk: int) -> Tally | None:
    """Count or queue a campaign's audience, if nobody else does. None: somebody does, or it was stopped."""
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    mine = Campaign.objects.filter(free, pk=pk, state__in=Campaign.WALKING)
    if not mine.update(leased_until=now + LEASE):
        return None
    campaign = Campaign.objects.get(pk=pk)
    dry = campaign.state == State.COUNTING
    enrolment = _enrolment(campaign, now, dry=dry)
    for piece in audience(campaign, now):
        if not _beat(campaign):
            return None
        enrol(enrolment, piece)
        if piece and not dry:
            Campaign.objects.filter(pk=pk).update(position=piece[-1].customer.pk)
    return enrolment.tally if _finish(campaign, enrolment.tally) else None


def _enrolment(campaign: Campaign, now: datetime, *, dry: bool) -> Enrolment:
    base = enrolment_of(campaign, campaign.trigger, now, dry=dry, text_name=campaign.text_name)
    return replace(base, campaign=campaign)


def _beat(campaign: Campaign) -> bool:
    rows = Campaign.objects.filter(pk=campaign.pk, state=campaign.state)
    return bool(rows.update(leased_until=timezone.now() + LEASE))


def _finish(campaign: Campaign, tally: Tally) -> bool:
    rows = Campaign.objects.filter(pk=campaign.pk, state=campaign.state)
    if campaign.state == State.COUNTING:
        return bool(
            rows.update(
                state=State.COUNTED,
                leased_until=None,
                found=tally.found,
                reachable=tally.reachable,
                held_out=tally.held_out,
                by_channel=dict(tally.by_channel),
                left_out=dict(tally.left_out),
            )
        )
    made = progress(campaign)
    held = made.pop(Message.State.HELD_OUT, 0)
    return bool(
        rows.update(
            state=State.RUNNING,
            leased_until=None,
            position=WALKED,
            held_out=held,
            reachable=sum(made.values()),
        )
    )


def sample(campaign: Campaign) -> list[Customer]:
    """A few people who would be written to, from the first piece of the audience."""
    now = timezone.now()
    enrolment = _enrolment(campaign, now, dry=True)
    campaign.position = 0
    for piece in audience(campaign, now):
        enrol(enrolment, piece)
        break
    return enrolment.tally.sample


def count_again(*, campaign: Campaign, by: User) -> bool:
    """Count the audience anew, before it is confirmed."""
    again = Campaign.objects.filter(pk=campaign.pk, state__in=[State.DRAFT, State.COUNTED]).update(
        state=State.COUNTING, position=0, leased_until=None
    )
    if again:
        audit(actor=by, action="outreach.campaign_counted", subject=f"campaign:{campaign.pk}")
        transaction.on_commit(ring)
    return bool(again)


@transaction.atomic
def confirm(*, campaign: Campaign, typed: int, by: User) -> Campaign:
    """Begin (or wait for the appointed moment), after a person typed how many will be written to.

    Raises `ValidationError`: another number, or not to be confirmed now.
    """
    if typed != campaign.reachable:
        raise ValidationError({"typed": _("O número digitado não é o de pessoas que vão receber.")})
    now = timezone.now()
    waits = campaign.scheduled_at is not None and campaign.scheduled_at > now
    begun = Campaign.objects.filter(pk=campaign.pk, state=State.COUNTED, reachable=typed).update(
        state=State.SCHEDULED if waits else State.QUEUEING,
        position=0,
        leased_until=None,
        confirmed_by=by,
        started_at=None if waits else now,
    )
    if not begun:
        raise ValidationError(_("A campanha não está mais à espera de confirmação."))
    audit(actor=by, action="outreach.campaign_confirmed", subject=f"campaign:{campaign.pk}", people=typed)
    transaction.on_commit(ring)
    campaign.refresh_from_db()
    return campaign


def pause(*, campaign: Campaign, by: User) -> bool:
    """Hold a campaign: nothing of it leaves until it goes on."""
    return _turn(campaign, (State.RUNNING, State.QUEUEING), State.PAUSED, "outreach.campaign_paused", by)


def resume(*, campaign: Campaign, by: User) -> bool:
    """Let a held campaign go on where it was."""
    campaign.refresh_from_db()
    onward = State.RUNNING if campaign.position == WALKED else State.QUEUEING
    resumed = _turn(campaign, (State.PAUSED,), onward, "outreach.campaign_resumed", by)
    if resumed:
        transaction.on_commit(ring)
    return resumed


@transaction.atomic
def stop(*, campaign: Campaign, by: User) -> int | None:
    """End a campaign for good: what waits is dropped. How many messages that were; None: it was over already."""
    open_states = tuple(state for state in State if state not in _OVER)
    if not _turn(campaign, open_states, State.STOPPED, "outreach.campaign_stopped", by):
        return None
    now = timezone.now()
    Campaign.objects.filter(pk=campaign.pk).update(finished_at=now)
    return campaign.messages.filter(state=Message.State.QUEUED).update(
        state=Message.State.DROPPED, reason=Message.Reason.STOPPED, ended_at=now
    )


def _turn(campaign: Campaign, before: Sequence[str], state: str, action: str, by: User) -> bool:
    turned = Campaign.objects.filter(pk=campaign.pk, state__in=before).update(state=state, leased_until=None)
    if turned:
        audit(actor=by, action=action, subject=f"campaign:{campaign.pk}")
        campaign.refresh_from_db()
    return bool(turned)


def progress(campaign: Campaign) -> dict[str, int]:
    """How many messages stand in each state. One query."""
    rows = campaign.messages.order_by().values_list("state").annotate(n=Count("pk"))
    return dict(rows)


def ring() -> None:
    """Tell the workers that an audience waits."""
    try:
        current_app.send_task(WALK_TASK, expires=60, retry=False)
    except (OperationalError, OSError):
        # The row waits; the clockwork finds it.
        log.warning("doorbell_failed", task=WALK_TASK, exc_info=True)
