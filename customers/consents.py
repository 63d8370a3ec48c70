"""What a customer said about being written to, per channel. History is only added to; the latest day holds.

Source: `communication-and-rules.md` §2, audience rules.
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.models import Consent, Customer
from smartbis_admin.staff.models import User


def record_consent(
    *,
    customer: Customer,
    channel: str,
    is_given: bool,
    said_on: date,
    source: str,
    proof: str,
    by: User | None,
) -> Consent:
    """Add one statement; earlier ones stay as they are. `by` None: the customer said so without our staff."""
    return Consent.objects.create(
        customer=customer,
        channel=channel,
        is_given=is_given,
        said_on=said_on,
        source=source,
        proof=proof,
        recorded_by=by,
    )


def consents_now(customer: Customer) -> list[tuple[str, Consent | None]]:
    """Each channel's name and the statement that holds; None: nothing was said. One query."""
    latest: dict[str, Consent] = {}
    # Few rows per customer: everything they ever said.
    for row in customer.consents.select_related("recorded_by").order_by("said_on", "pk"):
        latest[row.channel] = row
    return [(str(channel.label), latest.get(channel.value)) for channel in Consent.Channel]


def consenting(customers: QuerySet[Customer], channel: str, *, is_given: bool = True) -> QuerySet[Customer]:
    """Those whose latest statement for the channel gives (or withdraws) consent; silence is neither."""
    same = Consent.objects.filter(customer=OuterRef("customer"), channel=channel)
    later = same.filter(
        Q(said_on__gt=OuterRef("said_on")) | Q(said_on=OuterRef("said_on"), pk__gt=OuterRef("pk"))
    )
    # From what was said, not through all customers there are.
    holding = Consent.objects.filter(~Exists(later), channel=channel, is_given=is_given).order_by()
    return customers.filter(pk__in=holding.values("customer"))
