"""The queue: takes what is due, looks whether it is still true, and lets it leave once.

A message is claimed by conditional update, so that two workers never have the same one; the intent is
committed before the call; what may have left is in doubt and never sent again. A worker that dies gives back
what had not left. Source: `communication-and-rules.md` §2, audience rules.
"""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from customers.models import Consent
from smartbis_admin.api.capabilities import Capability
from smartbis_admin.connections.models import Connection
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import open_write, perform
from vouchers.outreach import life
from vouchers.outreach.enrolling import may_write
from vouchers.outreach.mailing import InDoubtError, Letter, Mailer, NotSentError, RefusedError
from vouchers.outreach.models import Campaign, Message, Preferences, Template
from vouchers.outreach.people import address_of, is_anonymised, next_opening, statements
from vouchers.outreach.rendering import MissingFieldError, Rendered, opt_out_url, render
from vouchers.outreach.services import automation_of, preferences
from vouchers.outreach.texts import choose, current
from vouchers.outreach.tidying import finish_campaigns, recover
from vouchers.outreach.triggers import spec_of
from vouchers.outreach.truth import NOTHING, Facts, read
from vouchers.outreach.writes import TRY_AGAIN, content, follow

log = structlog.get_logger(__name__)
State, Reason = Message.State, Message.Reason

#: Seconds one ring of the bell works, and messages looked for at once.
SLICE, BATCH = 20.0, 50
EMAIL, WHATSAPP = Consent.Channel.EMAIL.value, Consent.Channel.WHATSAPP.value


@dataclass
class Round:
    """What one round of the queue knows: its name, its mail connection, and channels that are down."""

    word: str = field(default_factory=lambda: uuid.uuid4().hex)
    mailer: Mailer = field(default_factory=Mailer)
    down: set[str] = field(default_factory=set)
    sent: int = 0


class _Dropped(Exception):
    """A message is not sent; `reason` and `detail` say why."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def work(*, seconds: float = SLICE) -> int:
    """Send what is due until the slice is over; how many left. Safe to run many times at once."""
    end, this = time.monotonic() + seconds, Round()
    recover(timezone.now())
    try:
        while time.monotonic() < end and (due := _due(this)):
            for pk in due:
                rules = preferences()
                if time.monotonic() >= end or rules.paused_at:
                    return this.sent
                _one(this, pk, rules)
    finally:
        this.mailer.close()
        finish_campaigns()
    return this.sent


def _due(this: Round) -> list[uuid.UUID]:
    if preferences().paused_at:
        return []
    running = Q(campaign=None) | Q(campaign__state=Campaign.State.RUNNING)
    rows = Message.objects.filter(running, state=State.QUEUED, not_before__lte=timezone.now())
    if this.down:
        rows = rows.exclude(channel__in=this.down)
    return list(rows.order_by("not_before", "pk").values_list("pk", flat=True)[:BATCH])


def _one(this: Round, pk: uuid.UUID, rules: Preferences) -> None:
    """One message, from the queue to its end or back."""
    now = timezone.now()
    if not life.claim(pk, this.word, now):
        return
    rows = Message.objects.select_related("customer__connection", "campaign")
    message = rows.get(pk=pk)
    try:
        wait = _wait(message, now, rules)
        if wait is not None:
            life.put_back(pk, wait, held_by=this.word)
            return
        template, rendered = _prepare(message, now, rules)
        wait = _take_place(message, now, rules)
        if wait is not None:
            life.put_back(pk, wait, held_by=this.word)
            return
        _keep(message, template, rendered)
        if message.channel == EMAIL:
            _by_email(this, message, rendered)
        else:
            _by_whatsapp(this, message, template, rendered)
    except _Dropped as end:
        life.drop(pk, end.reason, now, detail=end.detail, held_by=this.word)
        life.give_place_back(pk)
    except Exception:
        # A fault of ours. If nothing can have left, it is tried again later; else the truth is unknown.
        if not Message.objects.filter(pk=pk, left_at=None, write=None).exists():
            life.doubt(pk)
        else:
            life.put_back(pk, now + TRY_AGAIN, held_by=this.word, tried=True)
        log.exception("message_failed", message=str(pk))


def _wait(message: Message, now: datetime, rules: Preferences) -> datetime | None:
    """From when the clock allows it; None: now. Raises `_Dropped` when that is too late."""
    if now > message.expires_at:
        raise _Dropped(Reason.TOO_LATE)
    opening = next_opening(now, message.zone, rules.opens_at, rules.closes_at)
    return None if opening == now else opening


def _take_place(message: Message, now: datetime, rules: Preferences) -> datetime | None:
    """Make it the person's one contact of the day; None, or from when there is room."""
    if spec_of(message.trigger).any_time:
        return None
    free_at = life.take_place(message.person, message.pk, now, timedelta(hours=rules.hours_apart))
    if free_at is None:
        return None
    return next_opening(free_at, message.zone, rules.opens_at, rules.closes_at)


def _prepare(message: Message, now: datetime, rules: Preferences) -> tuple[Template, Rendered]:
    """Everything looked at again: the plan, the person, the occasion, the text. Raises `_Dropped`."""
    customer = message.customer
    _check_person(message)
    facts = _facts(message, now)
    text_name = message.campaign.text_name if message.campaign else ""
    template = choose(current(message.trigger, text_name), message.channel, message.language)
    if template is None:
        raise _Dropped(Reason.NO_TEXT)
    try:
        rendered = render(
            template=template, customer=customer, facts=facts, preferences=rules, message=message
        )
    except MissingFieldError as missing:
        raise _Dropped(Reason.MISSING_FIELD, missing.name) from missing
    return template, rendered


def _check_person(message: Message) -> None:
    customer = message.customer
    if customer.withdrawn_at is not None:
        raise _Dropped(Reason.GONE)
    if customer.state == customer.State.DISABLED:
        raise _Dropped(Reason.BLOCKED)
    if is_anonymised(customer):
        raise _Dropped(Reason.ANONYMISED)
    reason = may_write(customer, statements([customer]).get(customer.pk, {}), message.channel)
    if reason is not None:
        raise _Dropped(reason)


def _facts(message: Message, now: datetime) -> Facts:
    campaign = message.campaign
    if campaign is None:
        automation, trigger = automation_of(message.trigger), message.trigger
        if not automation.is_on:
            raise _Dropped(Reason.SWITCHED_OFF)
    elif campaign.audience_trigger:
        automation, trigger = automation_of(campaign.audience_trigger), campaign.audience_trigger
    else:
        return NOTHING
    facts = read(
        trigger=trigger,
        occasion=message.occasion,
        customer=message.customer,
        automation=automation,
        zone=message.zone,
        now=now,
    )
    if isinstance(facts, Message.Reason):
        raise _Dropped(facts)
    return facts


def _keep(message: Message, template: Template, rendered: Rendered) -> None:
    """Note what will be sent, before it is."""
    message.template, message.subject, message.body = template, rendered.kept_subject, rendered.kept_body
    message.save(update_fields=["template", "subject", "body"])


def _by_email(this: Round, message: Message, rendered: Rendered) -> None:
    domain = settings.PUBLIC_URL.partition("://")[2].partition(":")[0]
    letter = Letter(
        to=address_of(message.customer, EMAIL),
        subject=rendered.subject,
        body=rendered.body,
        opt_out_url=opt_out_url(message),
        message_id=f"<{message.pk}@{domain}>",
    )
    now = timezone.now()
    try:
        this.mailer.connect()
        if not life.let_leave(message.pk, this.word, now):
            life.give_place_back(message.pk)
            return
        this.mailer.send(letter)
    except NotSentError:
        this.down.add(EMAIL)
        life.put_back(message.pk, now + TRY_AGAIN, held_by=this.word, tried=True)
        life.give_place_back(message.pk)
    except RefusedError as error:
        life.fail(message.pk, Reason.REFUSED, now, detail=error.code)
        life.give_place_back(message.pk)
    except InDoubtError:
        life.doubt(message.pk)
    else:
        life.sent(message.pk, now, remote_id=letter.message_id)
        this.sent += 1


def whatsapp_connection() -> Connection | None:
    """The number messages are sent from; None: none is connected."""
    return Connection.objects.able_to(Capability.SEND_WHATSAPP).first()


def _by_whatsapp(this: Round, message: Message, template: Template, rendered: Rendered) -> None:
    """One write of the ledger, under the message's own id: nobody can make a second one."""
    connection = whatsapp_connection()
    if connection is None:
        raise _Dropped(Reason.NO_CHANNEL)
    intent: dict[str, Any] = {
        "id": message.pk,
        "connection": connection,
        "kind": "send_whatsapp",
        "payload": {"message": str(message.pk)},
    }
    with transaction.atomic():
        write, _new = open_write(**intent)
        rows = Message.objects.filter(pk=message.pk, state=State.SENDING, claim=this.word)
        if not rows.update(write=write):
            # Taken back meanwhile: the intent goes with it.
            raise _Dropped(Reason.STOPPED)
    write = perform(
        **intent,
        secrets=content(
            to=address_of(message.customer, WHATSAPP),
            template=template.whatsapp_name,
            language=template.language,
            parameters=list(rendered.parameters),
            button=rendered.button,
        ),
    )
    # It may have been settled while nobody had the message in hand.
    follow(write)
    if write.state == Write.State.NOT_SENT:
        this.down.add(WHATSAPP)
    elif write.state == Write.State.DONE:
        this.sent += 1
