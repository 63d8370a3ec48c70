"""Smartbis' entry in the register of vendors."""

from pathlib import Path

from sandbox.smartbis.acts import ACTS
from sandbox.smartbis.auth import API_SECRET, CREDENTIALS
from sandbox.smartbis.demo import demo, prepare
from sandbox.smartbis.paging import anchors
from sandbox.smartbis.views import VENDOR_NAME, refuse
from sandbox.vendors import Switch, Vendor

VENDOR = Vendor(
    name=VENDOR_NAME,
    title="Smartbis API v2",
    prefix="/smartbis/v2/",
    urls="sandbox.smartbis.urls",
    openapi=Path(__file__).with_name("openapi.yaml"),
    production="https://api.smartbis.com/v2",
    credentials=tuple(CREDENTIALS),
    secret=API_SECRET,
    unauthorized=401,
    refuse=refuse,
    acts=ACTS,
    switches={"validate_mode": Switch(("consume", "dry_run"))},
    prepare=prepare,
    demo=demo,
    forget=anchors.forget,
)
