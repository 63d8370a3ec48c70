"""An e-mail of which nobody knows whether it left: a person looks and says so. WhatsApp is settled in the ledger."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Consent
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from vouchers.outreach import life
from vouchers.outreach.models import Message


@transaction.atomic
def settle_email(*, message: Message, was_sent: bool, by: User, reason: str) -> None:
    """Say what happened. It is not sent again either way. Raises `ValidationError`: nothing changed."""
    if not reason.strip():
        raise ValidationError({"reason": _("Diga como você descobriu.")})
    if message.channel != Consent.Channel.EMAIL or message.state != Message.State.IN_DOUBT:
        raise ValidationError(_("Esta mensagem não está mais a confirmar."))
    now = timezone.now()
    if was_sent:
        settled = life.sent(message.pk, message.left_at or now)
    else:
        settled = life.drop(message.pk, Message.Reason.NOT_DONE, now)
        life.give_place_back(message.pk)
    if not settled:
        raise ValidationError(_("Esta mensagem não está mais a confirmar."))
    audit(
        actor=by,
        action="outreach.settled",
        subject=f"message:{message.pk}",
        sent=was_sent,
        reason=reason.strip(),
    )
    message.refresh_from_db()
