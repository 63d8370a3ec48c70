"""What the SmartPOS assistant asks of this room in its last step: are customers told what they earned?"""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from customers.bridge.models import Bridge
from customers.bridge.steps import Check, register_operation
from smartbis_admin.ui.formats import number
from vouchers.outreach.models import Automation


def messages_are_on(bridge: Bridge) -> Check:
    """Whether any automatic message is switched on."""
    on = Automation.objects.filter(is_on=True).count()
    text = ngettext("%(n)s mensagem automática ligada.", "%(n)s mensagens automáticas ligadas.", on)
    return Check(
        _("Alguma mensagem automática está ligada"),
        on > 0,
        text % {"n": number(on)} if on else "",
        url=reverse("outreach:overview"),
        action=_("Abrir a comunicação"),
    )


register_operation(messages_are_on)
