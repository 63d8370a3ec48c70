"""Smart Passes' entry in the register of vendors."""

from pathlib import Path

from sandbox.smartpasses.acts import ACTS
from sandbox.smartpasses.demo import demo, prepare
from sandbox.smartpasses.views import APP_KEY, PROGRAM, SWITCHES, VENDOR_NAME, refuse
from sandbox.vendors import Vendor


def forget() -> None:
    """Nothing is remembered beside the data."""


VENDOR = Vendor(
    name=VENDOR_NAME,
    title="Smart Passes Loyalty API v1",
    prefix="/smartpasses/api/v1/loyalty/",
    urls="sandbox.smartpasses.urls",
    openapi=Path(__file__).with_name("openapi.yaml"),
    production="https://pass.smartpasses.io/api/v1/loyalty",
    credentials=(APP_KEY,),
    hint=f"programs/{PROGRAM}",
    unauthorized=403,
    refuse=refuse,
    acts=ACTS,
    switches=SWITCHES,
    prepare=prepare,
    demo=demo,
    forget=forget,
)
