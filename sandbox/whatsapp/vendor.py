"""WhatsApp's entry in the register of vendors."""

from functools import partial

from sandbox.control.courier import courier
from sandbox.outgoing import SENDING_SWITCH
from sandbox.vendors import Vendor
from sandbox.whatsapp.acts import ACTS
from sandbox.whatsapp.demo import demo, prepare
from sandbox.whatsapp.services import NUMBER, SWITCHES
from sandbox.whatsapp.views import TOKEN, refuse
from sandbox.whatsapp.webhook import VENDOR_NAME

VENDOR = Vendor(
    name=VENDOR_NAME,
    title="WhatsApp Cloud API",
    prefix="/whatsapp/",
    urls="sandbox.whatsapp.urls",
    credentials=(str(NUMBER),),
    secret=TOKEN,
    hint="v21.0/",
    unauthorized=401,
    refuse=refuse,
    acts=ACTS,
    switches={**SENDING_SWITCH, **SWITCHES},
    prepare=prepare,
    demo=demo,
    forget=partial(courier.forget, VENDOR_NAME),
)
