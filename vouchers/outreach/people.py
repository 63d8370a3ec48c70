"""Who a customer is to somebody who writes to them: which person, in which language and zone, at which address.

Knows customers and stores; nothing of messages.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from customers.models import Consent, Customer, Sale
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store
from vouchers.outreach.models.texts import CHANNELS
from vouchers.outreach.triggers import Language

#: Dialling codes of countries that speak Spanish or Portuguese; everybody else abroad reads English.
_SPANISH = (
    "+34", "+51", "+52", "+53", "+54", "+56", "+57", "+58", "+502", "+503", "+504", "+505", "+506", "+507",
    "+591", "+593", "+595", "+598",
)  # fmt: skip
_PORTUGUESE = ("+55", "+351", "+244", "+258", "+238")

#: What is read of a customer before a message.
FIELDS = (
    "pk", "connection_id", "remote_id", "name", "cpf", "phone", "email", "state", "withdrawn_at", "birth_date",
    "points_balance", "cashback_balance", "first_seen_at", "remote_created_at",
)  # fmt: skip


def person_key(customer: Customer) -> str:
    """One word per person across programmes: by CPF, else phone, else e-mail. It tells nothing to a reader."""
    if customer.cpf:
        known = f"cpf:{customer.cpf}"
    elif customer.phone:
        known = f"phone:{customer.phone}"
    elif customer.email:
        known = f"email:{customer.email.lower()}"
    else:
        known = f"customer:{customer.pk}"
    return salted_hmac("vouchers.outreach.person", known).hexdigest()[:32]


def language_of(customer: Customer, chosen: str = "") -> str:
    """The language to write in: the chosen one, else that of the phone's country, else Portuguese."""
    if chosen:
        return chosen
    phone = customer.phone or ""
    if not phone or phone.startswith(_PORTUGUESE):
        return Language.PT_BR.value
    return Language.ES.value if phone.startswith(_SPANISH) else Language.EN.value


def address_of(customer: Customer, channel: str) -> str:
    """Where the channel reaches them; empty: nowhere."""
    return (customer.phone if channel == Consent.Channel.WHATSAPP else customer.email) or ""


def is_anonymised(customer: Customer) -> bool:
    """Whether nothing is left of the person."""
    return not (customer.name.strip() or customer.cpf or customer.phone or customer.email)


def statements(customers: Sequence[Customer]) -> dict[int, dict[str, bool]]:
    """What holds for each customer and channel; silence is left out. One query."""
    rows = Consent.objects.filter(
        customer__in=[customer.pk for customer in customers], channel__in=[str(one) for one in CHANNELS]
    )
    held: dict[int, dict[str, bool]] = {}
    for customer, channel, is_given in (
        rows.order_by("said_on", "pk").values_list("customer", "channel", "is_given").iterator()
    ):
        held.setdefault(customer, {})[channel] = is_given
    return held


def zones(customers: Sequence[Customer]) -> dict[int, str]:
    """The time zone of the store each one last bought at, else of their account. At most three queries."""
    accounts = dict(Connection.objects.values_list("pk", "time_zone"))
    of_stores = dict(Store.objects.values_list("pk", "time_zone"))
    found = {customer.pk: accounts[customer.connection_id] for customer in customers}
    if len({*of_stores.values(), *found.values()}) <= 1:
        return found
    latest: dict[tuple[int, str], int] = {}
    rows = Sale.objects.filter(
        connection__in={customer.connection_id for customer in customers},
        customer_remote_id__in=[customer.remote_id for customer in customers],
        store__isnull=False,
    )
    for connection, remote_id, store in rows.order_by("sold_at", "pk").values_list(
        "connection", "customer_remote_id", "store"
    ):
        if store is not None:
            latest[connection, remote_id] = store
    for customer in customers:
        last = latest.get((customer.connection_id, customer.remote_id))
        if last is not None:
            found[customer.pk] = of_stores[last]
    return found


def next_opening(now: datetime, zone: str, opens: time, closes: time) -> datetime:
    """`now` if the zone's clock stands between the hours, else the moment they begin. `closes` is outside."""
    local = now.astimezone(ZoneInfo(zone))
    if opens <= local.time() < closes:
        return now
    day = local.date() if local.time() < opens else local.date() + timedelta(days=1)
    return datetime.combine(day, opens, ZoneInfo(zone))


def by_remote(keys: Iterable[tuple[int, str]]) -> Mapping[tuple[int, str], Customer]:
    """Customers by connection and platform id. One query a connection."""
    wanted: dict[int, list[str]] = {}
    for connection, remote_id in keys:
        wanted.setdefault(connection, []).append(remote_id)
    found: dict[tuple[int, str], Customer] = {}
    for connection, remote_ids in wanted.items():
        rows: QuerySet[Customer] = Customer.objects.filter(connection=connection, remote_id__in=remote_ids)
        found |= {(row.connection_id, row.remote_id): row for row in rows.only(*FIELDS)}
    return found
