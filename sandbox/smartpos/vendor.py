"""SmartPOS' entry in the register of vendors."""

from functools import partial

from sandbox.control.courier import courier
from sandbox.outgoing import SENDING_SWITCH
from sandbox.smartpos.acts import ACTS
from sandbox.smartpos.auth import CLIENT_SECRET, CLIENTS
from sandbox.smartpos.demo import demo, prepare
from sandbox.smartpos.push import SWITCHES, VENDOR_NAME
from sandbox.smartpos.views import refuse
from sandbox.vendors import Vendor

VENDOR = Vendor(
    name=VENDOR_NAME,
    title="SmartPOS",
    prefix="/smartpos/",
    urls="sandbox.smartpos.urls",
    credentials=tuple(CLIENTS),
    secret=CLIENT_SECRET,
    hint="panel/vendas.csv",
    unauthorized=401,
    refuse=refuse,
    acts=ACTS,
    switches={**SENDING_SWITCH, **SWITCHES},
    prepare=prepare,
    demo=demo,
    forget=partial(courier.forget, VENDOR_NAME),
)
