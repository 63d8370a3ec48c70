"""What customers say back: WhatsApp's receipts and replies, and answers to the survey.

Everything may come twice, late and in any order, and then changes nothing. What people write is kept briefly.
"""

import uuid
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Consent
from smartbis_admin.api.whatsapp.webhook import IncomingRecord, ReceiptRecord, Webhook
from smartbis_admin.api.whatsapp.wire import word_of
from smartbis_admin.connections.models import Connection
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import close
from vouchers.outreach import life
from vouchers.outreach.models import Incoming, Message, Receipt, SurveyAnswer
from vouchers.outreach.opting import OPTED_OUT, is_opt_out, opt_out, opt_out_at_whatsapp, with_phone
from vouchers.outreach.triggers import Trigger

#: How long what people wrote is kept.
KEPT = timedelta(days=30)
BEST = 10


def take_webhook(connection: Connection, webhook: Webhook) -> None:
    """Everything one delivery of WhatsApp says."""
    for record in webhook.statuses:
        take_status(record)
    for incoming in webhook.messages:
        take_incoming(connection, incoming)


def take_status(record: ReceiptRecord) -> bool:
    """One receipt. It also settles a lost answer: what is reported on was sent. Whether it was news."""
    message = _message_of(record)
    if message is None:
        return False
    with transaction.atomic():
        if message.remote_id == "":
            Message.objects.filter(pk=message.pk, remote_id="").update(remote_id=record.message_id)
        code = "" if record.error_code is None else str(record.error_code)
        news = life.take_receipt(message, record.status.value, record.at, error_code=code)
        if news and record.error_code is not None and word_of(record.error_code) == OPTED_OUT:
            opt_out_at_whatsapp(message)
        write = message.write
        if write is not None and write.state == Write.State.IN_DOUBT:
            close(
                write, Write.State.DONE, from_states=(Write.State.IN_DOUBT,), settled_reason="evidence",
                evidence=[*write.evidence, {"at": timezone.now().isoformat(), "found": {"receipt": True}}],
            )  # fmt: skip
    return news


def _message_of(record: ReceiptRecord) -> Message | None:
    """By the reference that travelled along, else by the channel's id."""
    rows = Message.objects.select_related("write").filter(channel=Consent.Channel.WHATSAPP)
    try:
        found = rows.filter(pk=uuid.UUID(record.reference)).first()
    except ValueError:
        found = None
    return found or rows.filter(remote_id=record.message_id).first()


def take_incoming(connection: Connection, record: IncomingRecord) -> bool:
    """One message to us. A wish not to be written to holds at once, for everybody with that phone."""
    people = with_phone(record.sender_e164)
    try:
        with transaction.atomic():
            row = Incoming.objects.create(
                connection=connection,
                remote_id=record.message_id,
                sender=record.sender_e164,
                customer=people[0] if people else None,
                text=record.text,
                at=record.at,
                is_opt_out=is_opt_out(record.text),
            )
            if row.is_opt_out:
                opt_out(
                    customers=people,
                    channels=[Consent.Channel.WHATSAPP.value],
                    source=Consent.Source.MESSAGE,
                    proof=f"WhatsApp {record.message_id}: {record.text.strip()[:40]}",
                )
    except IntegrityError:
        # The same one again.
        return False
    return True


def erase_old() -> int:
    """Erase what was kept long enough; how many rows."""
    deleted, _rows = Incoming.objects.filter(received_at__lt=timezone.now() - KEPT).delete()
    return deleted


def answer_survey(*, message: Message, score: int, comment: str = "") -> SurveyAnswer:
    """Keep an answer; a later one of the same invitation takes its place. Raises `ValidationError`."""
    if message.trigger != Trigger.NPS:
        raise ValidationError(_("Esta mensagem não é uma pesquisa."))
    if not 0 <= score <= BEST:
        raise ValidationError({"score": _("Escolha uma nota de 0 a 10.")})
    answer, _new = SurveyAnswer.objects.update_or_create(
        message=message,
        defaults={
            "customer": message.customer,
            "channel": message.channel,
            "score": score,
            "comment": comment.strip()[:1000],
            "answered_at": timezone.now(),
        },
    )
    # Whoever answers has read it, whatever the channel reports.
    if message.channel == Consent.Channel.EMAIL:
        life.take_receipt(message, Receipt.Status.READ, timezone.now())
    return answer
