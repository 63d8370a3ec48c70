"""Smile's entry in the register of vendors."""

from sandbox.smile.acts import ACTS
from sandbox.smile.auth import CREDENTIALS
from sandbox.smile.demo import demo, prepare
from sandbox.smile.pace import buckets
from sandbox.smile.sessions import SWITCHES, VENDOR_NAME, refuse
from sandbox.vendors import Vendor

VENDOR = Vendor(
    name=VENDOR_NAME,
    title="Smile.io REST v1",
    prefix="/smile/",
    urls="sandbox.smile.urls",
    credentials=tuple(CREDENTIALS),
    unauthorized=401,
    refuse=refuse,
    acts=ACTS,
    switches=SWITCHES,
    prepare=prepare,
    demo=demo,
    forget=buckets.forget,
)
