"""Customers who do not want to be written to any more: by a link, by a word on WhatsApp. It holds at once.

Every way ends in a statement of consent with its proof and drops what waits for them on that channel.
Source: `communication-and-rules.md` §2.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils import timezone

from customers.consents import record_consent
from customers.models import Consent, Customer
from vouchers.outreach.models import Message
from vouchers.outreach.people import statements

#: The reply words of the glossary and what people write instead, without accents, in capitals.
WORDS = frozenset(
    {"SAIR", "PARAR", "PARE", "STOP", "BAJA", "CANCELAR", "DESCADASTRAR", "REMOVER", "UNSUBSCRIBE"}
)

#: Our word (`whatsapp.wire`) for the code with which WhatsApp says that a person opted out there.
OPTED_OUT = "opted_out"


def is_opt_out(text: str) -> bool:
    """Whether a reply asks to be left alone: one of the words alone, whatever its case, accents and marks."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[A-Za-z]+", plain)).upper() in WORDS


def with_phone(phone: str) -> list[Customer]:
    """Everybody with this phone (E.164), in whatever programme."""
    return list(Customer.objects.filter(phone=phone).order_by("pk"))


def with_email(email: str) -> list[Customer]:
    """Everybody with this e-mail, in whatever programme."""
    return list(Customer.objects.filter(Exact(Lower("email"), email.lower())).order_by("pk"))


@transaction.atomic
def opt_out(*, customers: Sequence[Customer], channels: Iterable[str], source: str, proof: str) -> int:
    """Take consent back for these channels and drop what waits. Returns how many statements were added.

    Somebody who said so before is not asked to say it twice: no second row.
    """
    now, added = timezone.now(), 0
    held = statements(customers)
    wanted = list(channels)
    for customer in customers:
        for channel in wanted:
            if held.get(customer.pk, {}).get(channel) is False:
                continue
            record_consent(
                customer=customer,
                channel=channel,
                is_given=False,
                said_on=timezone.localdate(now),
                source=source,
                proof=proof[:500],
                by=None,
            )
            added += 1
    # Queued, or taken by a worker that has not let it leave yet: its next step finds it gone.
    waiting = Q(state=Message.State.QUEUED) | Q(state=Message.State.SENDING, left_at=None, write=None)
    Message.objects.filter(waiting, customer__in=customers, channel__in=wanted).update(
        state=Message.State.DROPPED, reason=Message.Reason.OPTED_OUT, ended_at=now
    )
    return added


def opt_out_at_whatsapp(message: Message) -> int:
    """WhatsApp says that the person wants no such messages: they told it there."""
    customer = message.customer
    return opt_out(
        customers=with_phone(customer.phone) if customer.phone else [customer],
        channels=[Consent.Channel.WHATSAPP.value],
        source=Consent.Source.MESSAGE,
        proof=f"WhatsApp {message.pk}: {OPTED_OUT}",
    )


def opt_out_by_link(*, message: Message, everything: bool = False) -> int:
    """Somebody pressed the link below an e-mail: that channel, or all of them, for everybody with the address."""
    customer = message.customer
    everybody = {customer.pk: customer}
    if message.channel == Consent.Channel.EMAIL and customer.email:
        everybody |= {row.pk: row for row in with_email(customer.email)}
    channels = [channel.value for channel in Consent.Channel] if everything else [message.channel]
    return opt_out(
        customers=list(everybody.values()),
        channels=channels,
        source=Consent.Source.MESSAGE,
        proof=f"link {message.pk}",
    )
