"""How a text looks with a real customer, before anything is sent: on the screen, and as an e-mail to oneself."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Sale
from smartbis_admin.api.brazil import mask_voucher_code
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from vouchers.models import Voucher
from vouchers.outreach.mailing import InDoubtError, Letter, Mailer, NotSentError, RefusedError
from vouchers.outreach.models import Message, Template
from vouchers.outreach.rendering import fill, link_of, values_for
from vouchers.outreach.services import preferences
from vouchers.outreach.texts import placeholders
from vouchers.outreach.truth import Facts, cheapest_rewards, confirmed_sales, usable_vouchers


@dataclass(frozen=True)
class Preview:
    """A text filled in; what is not known of the customer stays in braces and is named."""

    subject: str
    body: str
    step_label: str
    step_url: str
    missing: tuple[str, ...]


def preview(*, template: Template, customer: Customer) -> Preview:
    """The text (saved or not) with this customer's latest facts; codes masked. A few queries, nothing is kept."""
    message = Message(trigger=template.trigger, customer=customer, channel=template.channel)
    link = link_of(template, preferences(), message)
    values = values_for(
        customer=customer, facts=latest_facts(customer), link=link, language=template.language
    )
    if "codigo" in values:
        values["codigo"] = mask_voucher_code(values["codigo"])
    named = dict.fromkeys([*placeholders(template.subject), *placeholders(template.body)])
    missing = tuple(name for name in named if name not in values)
    shown = {name: f"{{{name}}}" for name in missing} | values
    return Preview(
        fill(template.subject, shown), fill(template.body, shown), template.action_label, link, missing
    )


def latest_facts(customer: Customer) -> Facts:
    """A customer's latest sale, a voucher they may use, and what they lack for the cheapest reward."""
    now = timezone.now()
    vouchers = Voucher.objects.filter(
        usable_vouchers(now), connection=customer.connection_id, customer_remote_id=customer.remote_id
    )
    cheapest = cheapest_rewards(now).get(customer.connection_id)
    missing = None
    if cheapest and customer.points_balance is not None and customer.points_balance < cheapest[0]:
        missing = cheapest[0] - customer.points_balance
    return Facts(
        voucher=vouchers.order_by(F("expires_at").desc(nulls_last=True), "-pk").first(),
        sale=Sale.objects.filter(confirmed_sales(customer)).order_by("-sold_at", "-pk").first(),
        reward_name=cheapest[1] if cheapest and missing is not None else "",
        points_missing=missing,
    )


def send_test(*, template: Template, customer: Customer, by: User) -> None:
    """Send the preview to the person's own e-mail. Raises `ValidationError`: it did not leave, or may not have."""
    shown = preview(template=template, customer=customer)
    lines = [shown.body] + ([f"{shown.step_label}: {shown.step_url}"] if shown.step_url else [])
    subject = shown.subject or str(template.get_trigger_display())
    letter = Letter(to=by.email, subject=f"[{_('teste')}] {subject}", body="\n\n".join(lines) + "\n")
    mailer = Mailer()
    try:
        mailer.connect()
        mailer.send(letter)
    except (NotSentError, RefusedError) as error:
        raise ValidationError(_("O e-mail de teste não foi enviado.")) from error
    except InDoubtError as error:
        raise ValidationError(_("Não se sabe se o e-mail de teste saiu. Confira a sua caixa.")) from error
    finally:
        mailer.close()
    audit(actor=by, action="outreach.test_sent", subject=f"text:{template.pk}")
