"""From people found to messages in the queue: consent, caps, one channel, the held-out share; in bulk.

A piece of a thousand people costs a fixed handful of queries. Who is left out is counted by reason. Source:
`communication-and-rules.md` §2, audience rules.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from customers.models import Consent, Customer
from smartbis_admin.api.records import CustomerState
from vouchers.outreach.finding import Found
from vouchers.outreach.models import Automation, Campaign, Message, Preferences, Template
from vouchers.outreach.models.plans import Plan
from vouchers.outreach.people import (
    address_of,
    is_anonymised,
    language_of,
    next_opening,
    person_key,
    statements,
    zones,
)
from vouchers.outreach.texts import Place, choose
from vouchers.outreach.triggers import spec_of

Reason = Message.Reason
#: People a preview names.
SAMPLE = 10
#: Messages dropped for these reasons do not keep a later one away.
_PASSING = (
    Reason.NOT_TRUE, Reason.VOUCHER_GONE, Reason.TOO_LATE, Reason.STOPPED, Reason.SWITCHED_OFF, Reason.NO_TEXT,
    Reason.NO_CHANNEL,
)  # fmt: skip


@dataclass
class Tally:
    """What became of the people found: to be written to by channel, held out, left out by reason."""

    found: int = 0
    by_channel: Counter[str] = field(default_factory=Counter)
    held_out: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    sample: list[Customer] = field(default_factory=list)

    @property
    def reachable(self) -> int:
        """How many will be written to."""
        return sum(self.by_channel.values())


@dataclass(frozen=True)
class Enrolment:
    """What holds for a whole pass. `channels`: those of the plan that something can be sent through now."""

    plan: Plan
    trigger: str
    preferences: Preferences
    texts: Mapping[Place, Template]
    channels: Sequence[str]
    now: datetime
    campaign: Campaign | None = None
    #: Count only: nothing is queued.
    dry: bool = False
    #: People met so far, as numbers made of their keys.
    met: set[int] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)

    @property
    def days_apart(self) -> int:
        """Days between two messages of this trigger to one person; 0: no limit."""
        if isinstance(self.plan, Automation) and "days_apart" in spec_of(self.trigger).thresholds:
            return int(self.plan.threshold("days_apart"))
        return 0


def enrol(enrolment: Enrolment, piece: Iterable[Found]) -> None:
    """Queue a piece of people (or count them), and keep the tally."""
    people = list(piece)
    enrolment.tally.found += len(people)
    if not people:
        return
    customers = list({found.customer.pk: found.customer for found in people}.values())
    said, local = statements(customers), zones(customers)
    keys = {customer.pk: person_key(customer) for customer in customers}
    earlier = _earlier(enrolment, list(keys.values()), [customer.pk for customer in customers])
    messages = []
    for customer, occasion in people:
        chosen = channel_of(customer, said.get(customer.pk, {}), enrolment)
        reason = chosen if isinstance(chosen, Reason) else None
        key = keys[customer.pk]
        reason = reason or _met_before(enrolment, earlier, customer.pk, key, occasion)
        if reason:
            enrolment.tally.left_out[reason.value] += 1
            continue
        message = _message(enrolment, customer, key, occasion, str(chosen), local[customer.pk])
        earlier.setdefault(key, []).append(occasion)
        _count(enrolment.tally, message, customer)
        messages.append(message)
    if not enrolment.dry:
        # Whoever else came first wins: the constraints say that nobody is written to twice.
        Message.objects.bulk_create(messages, ignore_conflicts=True)


def channel_of(customer: Customer, said: Mapping[str, bool], enrolment: Enrolment) -> str | Reason:
    """The first channel through which the customer may and can be reached, or why there is none."""
    if customer.withdrawn_at is not None:
        return Reason.GONE
    if customer.state == CustomerState.DISABLED:
        return Reason.BLOCKED
    if is_anonymised(customer):
        return Reason.ANONYMISED
    reasons = []
    for channel in enrolment.channels:
        if (reason := may_write(customer, said, channel)) is not None:
            reasons.append(reason)
        elif choose(enrolment.texts, channel, language_of(customer, enrolment.plan.language)) is None:
            reasons.append(Reason.NO_TEXT)
        else:
            return channel
    # The reason nearest to being reached says most.
    order = (Reason.NO_TEXT, Reason.NO_ADDRESS, Reason.OPTED_OUT, Reason.NO_CONSENT)
    return next((reason for reason in order if reason in reasons), Reason.NO_CHANNEL)


def may_write(customer: Customer, said: Mapping[str, bool], channel: str) -> Reason | None:
    """What keeps a customer from being written to through a channel; None: nothing. Silence is no consent."""
    if channel not in said:
        return Reason.NO_CONSENT
    if not said[channel]:
        return Reason.OPTED_OUT
    return None if address_of(customer, channel) else Reason.NO_ADDRESS


def is_held_out(salt: str, person: str, percent: int) -> bool:
    """Whether a person belongs to the share left out on purpose; always the same answer for the same salt."""
    digest = hashlib.sha256(f"{salt}:{person}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100 < percent


def _earlier(enrolment: Enrolment, people: list[str], pks: list[int]) -> dict[str, list[str]]:
    """What these people were written to about by this trigger: occasions, and `*` while the cap holds.

    Known by person and, with a hash before it, by customer: a CPF learnt later makes another person's key.
    """
    known: dict[str, list[str]] = {}
    rows = Message.objects.filter(Q(person__in=people) | Q(customer__in=pks), trigger=enrolment.trigger)
    limit = enrolment.now - timedelta(days=enrolment.days_apart)
    if enrolment.campaign is not None:
        rows = rows.filter(campaign=enrolment.campaign)
    for person, customer, occasion, queued_at, state, reason in rows.values_list(
        "person", "customer", "occasion", "queued_at", "state", "reason"
    ):
        words = [occasion]
        passing = state == Message.State.DROPPED and reason in _PASSING
        if enrolment.days_apart and queued_at > limit and not passing:
            words.append("*")
        known.setdefault(person, []).extend(words)
        known.setdefault(f"#{customer}", []).extend(words)
    return known


def _met_before(
    enrolment: Enrolment, earlier: Mapping[str, list[str]], pk: int, key: str, occasion: str
) -> Reason | None:
    words = {*earlier.get(key, ()), *earlier.get(f"#{pk}", ())}
    number = int(key[:15], 16)
    one_each = enrolment.campaign is not None or enrolment.days_apart > 0
    if one_each and number in enrolment.met:
        return Reason.SAME_PERSON
    if occasion in words:
        return Reason.ALREADY
    if "*" in words:
        return Reason.CAPPED
    if one_each:
        enrolment.met.add(number)
    return None


def _message(
    enrolment: Enrolment, customer: Customer, key: str, occasion: str, channel: str, zone: str
) -> Message:
    spec, now = spec_of(enrolment.trigger), enrolment.now
    salt = f"campaign:{enrolment.campaign.pk}" if enrolment.campaign else enrolment.trigger
    held = is_held_out(salt, key, enrolment.plan.held_out_percent)
    begin = now
    if enrolment.campaign and enrolment.campaign.scheduled_at:
        begin = max(now, enrolment.campaign.scheduled_at)
    begin = next_opening(begin, zone, enrolment.preferences.opens_at, enrolment.preferences.closes_at)
    return Message(
        trigger=enrolment.trigger,
        campaign=enrolment.campaign,
        customer=customer,
        person=key,
        occasion=occasion,
        channel=channel,
        language=language_of(customer, enrolment.plan.language),
        state=Message.State.HELD_OUT if held else Message.State.QUEUED,
        zone=zone,
        queued_at=now,
        not_before=begin,
        expires_at=begin + spec.keeps,
    )


def _count(tally: Tally, message: Message, customer: Customer) -> None:
    if message.state == Message.State.HELD_OUT:
        tally.held_out += 1
        return
    tally.by_channel[message.channel] += 1
    if len(tally.sample) < SAMPLE:
        tally.sample.append(customer)


def channels_now(plan: Plan, *, can_whatsapp: bool) -> list[str]:
    """The plan's channels that something can be sent through."""
    usable = {Consent.Channel.EMAIL.value} | ({Consent.Channel.WHATSAPP.value} if can_whatsapp else set())
    return [channel for channel in plan.channels if channel in usable]
