"""The one write of this room: a WhatsApp message. A lost answer is settled by a receipt or by a person.

The ledger keeps which message it was; phone and text travel beside it and are not kept.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.capabilities import Capability
from smartbis_admin.api.records import Record
from smartbis_admin.api.whatsapp import WhatsAppClient
from smartbis_admin.writes.kinds import Settlement, WriteKind, register
from smartbis_admin.writes.models import Write
from vouchers.outreach import life
from vouchers.outreach.models import Message, Receipt
from vouchers.outreach.opting import OPTED_OUT, opt_out_at_whatsapp

#: Without a receipt for so long, none will come: a person decides.
RECEIPT_WAIT = timedelta(hours=24)
#: A message that never left is tried again after this.
TRY_AGAIN = timedelta(minutes=5)
#: Seconds between two looks for a receipt; one that comes settles at once.
LOOK_AGAIN = 300.0
#: Meta's names of our languages.
LANGUAGES = {"pt-br": "pt_BR", "en": "en", "es": "es"}


def content(
    *, to: str, template: str, language: str, parameters: list[str], button: str | None
) -> dict[str, str]:
    """What is sent, as it travels beside a write (`secrets` of `perform`)."""
    told = {"to": to, "template": template, "language": language, "parameters": json.dumps(parameters)}
    return told | ({"button": button} if button is not None else {})


def follow(write: Write) -> None:
    """Bring a message to what became of its write; again, it changes nothing."""
    pk, now = Message.objects.values_list("pk", flat=True).get(write=write), timezone.now()
    match write.state:
        case Write.State.DONE:
            life.sent(pk, write.sent_at or now, remote_id=write.result.get("remote_id", ""))
        case Write.State.REFUSED:
            life.fail(pk, Message.Reason.REFUSED, now, detail=write.code)
            life.give_place_back(pk)
            if write.code == OPTED_OUT:
                opt_out_at_whatsapp(Message.objects.select_related("customer").get(pk=pk))
        case Write.State.NOT_SENT:
            life.put_back(pk, now + TRY_AGAIN)
            life.give_place_back(pk)
        case Write.State.IN_DOUBT:
            life.doubt(pk)
        case Write.State.NOT_DONE:
            life.drop(pk, Message.Reason.NOT_DONE, now)
            life.give_place_back(pk)


@register
class SendWhatsApp(WriteKind[WhatsAppClient]):
    """Send one message from a registered template."""

    name = "send_whatsapp"
    label = _("Enviar mensagem por WhatsApp")
    capability = Capability.SEND_WHATSAPP
    person_may: ClassVar[Mapping[str, str | Promise]] = {
        Write.State.DONE: _("Foi enviada: o cliente a recebeu"),
        Write.State.NOT_DONE: _("Não foi enviada"),
        Write.State.ABANDONED: _("Não foi possível descobrir: abandonar"),
    }

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        message = Message.objects.select_related("customer").filter(write=write).first()
        if message is None:
            return []
        return [(_("Cliente"), message.customer.name), (_("Gatilho"), message.get_trigger_display())]

    def send(self, client: WhatsAppClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        known = client.send_template(
            to=secrets["to"],
            template=secrets["template"],
            language=LANGUAGES[secrets["language"]],
            parameters=json.loads(secrets["parameters"]),
            button_parameter=secrets.get("button"),
            reference=write.payload["message"],
        )
        return Record(remote_id=known)

    def outcome(self, write: Write, record: Record | None) -> None:
        follow(write)

    def settle(self, client: WhatsAppClient, write: Write) -> Settlement:
        receipts = Receipt.objects.filter(message__write=write)
        if receipts.exists():
            return Settlement(found={"receipt": True}, state=Write.State.DONE)
        waited = timezone.now() - (write.sent_at or write.created_at)
        return Settlement(found={"receipt": False}, again=LOOK_AGAIN, needs_person=waited > RECEIPT_WAIT)
