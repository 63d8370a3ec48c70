"""A text with a customer's facts filled in, in the customer's language.

What an occasion is about is read in `truth.py`; here it only becomes words. A field nobody can fill in is
named, never left blank.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from customers.models import Consent, Customer
from smartbis_admin.api.brazil import mask_voucher_code
from smartbis_admin.ui.formats import day, money, number
from vouchers.outreach.default_texts import FOOTERS
from vouchers.outreach.models import Message, Preferences, Template
from vouchers.outreach.texts import PLACEHOLDER, placeholders
from vouchers.outreach.tokens import opt_out_token, survey_token
from vouchers.outreach.triggers import Action, Language
from vouchers.outreach.truth import Facts


class MissingFieldError(Exception):
    """A text names something that is not known of this customer; `name` is the placeholder."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Step(NamedTuple):
    """The one next step: what it says and where it leads (may be nowhere: a code shown in the store)."""

    label: str
    url: str


@dataclass(frozen=True)
class Rendered:
    """What will be sent, and the same with codes masked, to be kept."""

    subject: str
    body: str
    step: Step
    kept_subject: str
    kept_body: str
    #: WhatsApp's {{1}}, {{2}} … and the last part of the button's address.
    parameters: tuple[str, ...] = ()
    button: str | None = None


def values_for(*, customer: Customer, facts: Facts, link: str, language: str) -> dict[str, str]:
    """What every placeholder stands for, in this language; what is not known is left out."""
    with translation.override(language):
        voucher, sale = facts.voucher, facts.sale
        value = sale.amount if sale else (voucher.value if voucher else None)
        reward = facts.reward_name or (voucher.reward_name if voucher else None)
        known = {
            "nome": customer.first_name.strip(),
            "programa": customer.connection.programme_name,
            "link": link,
            "saldo": _told(money, customer.cashback_balance),
            "pontos": _told(number, customer.points_balance),
            "valor": _told(money, value),
            "ganho": _told(money, sale.cashback_amount if sale else None),
            "pontos_ganhos": _told(number, sale.points_earned if sale else None),
            "codigo": voucher.remote_id if voucher else "",
            "validade": day(voucher.expires_at) if voucher and voucher.expires_at else "",
            "recompensa": reward or "",
            "faltam": _told(number, facts.points_missing),
        }
    return {name: value for name, value in known.items() if value}


def render(
    *, template: Template, customer: Customer, facts: Facts, preferences: Preferences, message: Message
) -> Rendered:
    """The text as this customer gets it. Raises `MissingFieldError`."""
    link = link_of(template, preferences, message)
    values = values_for(customer=customer, facts=facts, link=link, language=template.language)
    named = [*placeholders(template.subject), *placeholders(template.body)]
    for name in named:
        if name not in values:
            raise MissingFieldError(name)
    kept = values | {name: mask_voucher_code(values[name]) for name in ("codigo",) if name in values}
    if link:
        kept["link"] = template.action_label
    step = Step(template.action_label, link)
    if not link and template.action != Action.VOUCHER:
        raise MissingFieldError("link")
    return Rendered(
        subject=fill(template.subject, values),
        body=_body(template, values, step, message),
        step=step,
        kept_subject=fill(template.subject, kept),
        kept_body=fill(template.body, kept),
        parameters=tuple(values[name] for name in placeholders(template.body)),
        button=_last_part(link) if template.whatsapp_button and link else None,
    )


def opt_out_url(message: Message) -> str:
    """Where the customer ends e-mails, without signing in."""
    return settings.PUBLIC_URL + reverse("outreach:opt_out", args=[opt_out_token(message.pk)])


def _told(tell: object, value: object) -> str:
    return "" if value is None else str(tell(value))  # type: ignore[operator]


def link_of(template: Template, preferences: Preferences, message: Message) -> str:
    """Where the next step of this message leads; empty: nowhere."""
    if template.action == Action.SURVEY:
        return settings.PUBLIC_URL + reverse("outreach:survey", args=[survey_token(message.pk)])
    if template.action_url:
        return template.action_url
    return preferences.talk_url if template.action == Action.TALK else preferences.portal_url


def _body(template: Template, values: Mapping[str, str], step: Step, message: Message) -> str:
    text = fill(template.body, values)
    if template.channel != Consent.Channel.EMAIL:
        return text
    parts = [text]
    if step.url and "{link}" not in template.body:
        parts.append(f"{step.label}: {step.url}")
    footer = FOOTERS[Language(template.language)]
    parts.append(footer.format(programa=values["programa"], sair=opt_out_url(message)))
    return "\n\n".join(parts) + "\n"


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with every placeholder replaced; all of them must be known."""
    # In one go: what a value says is never taken for a placeholder.
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _last_part(url: str) -> str:
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2]
    return f"{last}?{parts.query}" if parts.query else last
