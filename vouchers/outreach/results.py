"""What came of messages: delivered, read, a benefit used, bought again; and the same of the people held out.

Every rate goes with its counts, and nothing over nothing is said. Source: `communication-and-rules.md` §2 and
`campaign_return` in §4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from customers.models import Consent, Sale
from smartbis_admin.writes.models import Write
from vouchers.models import Voucher
from vouchers.outreach.models import Campaign, Message
from vouchers.sums import as_decimal, exact_sum

#: Days after a contact in which a purchase counts as its return.
RETURN = timedelta(days=30)
State = Message.State


@dataclass(frozen=True)
class Rate:
    """A share with its counts. `percent`: one decimal, half up; None over nothing."""

    part: int
    whole: int

    @property
    def percent(self) -> Decimal | None:
        """The share as shown."""
        if not self.whole:
            return None
        exact = Decimal(self.part * 100) / Decimal(self.whole)
        return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Group:
    """People written to, or held out: who used a voucher and who bought in the 30 days after. BRL."""

    people: int
    used_benefit: Rate
    bought_again: Rate
    amount: Decimal
    #: Those whose 30 days are not over yet.
    still_open: int


@dataclass(frozen=True)
class Results:
    """Of an automation in a period, or of a campaign."""

    #: Messages by state, and those not sent by reason.
    states: Mapping[str, int]
    reasons: Mapping[str, int]
    #: Taken by the channel. What was delivered and read is known on WhatsApp alone.
    sent: int
    delivered: Rate
    read: Rate
    contacted: Group
    held_out: Group

    @property
    def lift(self) -> Decimal | None:
        """Percentage points by which people written to bought again more often than those held out."""
        with_it, without = self.contacted.bought_again.percent, self.held_out.bought_again.percent
        return None if with_it is None or without is None else with_it - without


def results_of_automation(trigger: str, since: datetime, until: datetime) -> Results:
    """Of the messages a trigger queued in a period, both ends included."""
    return _results(
        Message.objects.filter(trigger=trigger, campaign=None, queued_at__gte=since, queued_at__lte=until)
    )


def results_of_campaign(campaign: Campaign) -> Results:
    """Of a campaign's messages. `campaign_return` is `contacted.bought_again` and its amount."""
    return _results(campaign.messages.all())


def _results(rows: QuerySet[Message]) -> Results:
    """Five queries, whatever the number of messages."""
    rows = rows.order_by()
    counted = list(rows.values("state", "reason").annotate(n=Count("pk")))
    states: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for row in counted:
        states[row["state"]] = states.get(row["state"], 0) + row["n"]
        if row["reason"]:
            reasons[row["reason"]] = reasons.get(row["reason"], 0) + row["n"]
    told = Q(channel=Consent.Channel.WHATSAPP, sent_at__isnull=False)
    came = rows.aggregate(
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        told=Count("pk", filter=told),
        delivered=Count("pk", filter=told & Q(delivered_at__isnull=False)),
        read=Count("pk", filter=told & Q(read_at__isnull=False)),
    )
    return Results(
        states=states,
        reasons=reasons,
        sent=came["sent"],
        delivered=Rate(came["delivered"], came["told"]),
        read=Rate(came["read"], came["told"]),
        contacted=_group(rows.filter(state__in=Message.REACHED)),
        held_out=_group(rows.filter(state=State.HELD_OUT)),
    )


def _group(rows: QuerySet[Message]) -> Group:
    """A message counts from when it left; one held out from when it would have."""
    later = ExpressionWrapper(F("moment") + RETURN, output_field=DateTimeField())
    timed: Any = rows.annotate(moment=Coalesce("sent_at", "not_before")).annotate(until=later)
    owned = {"connection": OuterRef("customer__connection")}
    bought = Sale.objects.filter(
        **owned,
        customer_remote_id=OuterRef("customer__remote_id"),
        sold_at__gt=OuterRef("moment"),
        sold_at__lte=OuterRef("until"),
        write__state=Write.State.DONE,
    )
    used = Voucher.objects.filter(
        **owned,
        customer_remote_id=OuterRef("customer__remote_id"),
        used_at__gt=OuterRef("moment"),
        used_at__lte=OuterRef("until"),
    )
    found = timed.annotate(bought=Exists(bought), used=Exists(used)).aggregate(
        people=Count("pk"),
        buyers=Count("pk", filter=Q(bought=True)),
        users=Count("pk", filter=Q(used=True)),
        still_open=Count("pk", filter=Q(until__gt=timezone.now())),
    )
    after = timed.filter(
        customer__connection=OuterRef("connection"),
        customer__remote_id=OuterRef("customer_remote_id"),
        moment__lt=OuterRef("sold_at"),
        until__gte=OuterRef("sold_at"),
    )
    sales = Sale.objects.filter(Exists(after), write__state=Write.State.DONE).order_by()
    people = found["people"]
    return Group(
        people=people,
        used_benefit=Rate(found["users"], people),
        bought_again=Rate(found["buyers"], people),
        amount=as_decimal(sales.aggregate(total=exact_sum("amount"))["total"]) if people else Decimal(),
        still_open=found["still_open"],
    )
