"""The control plane: reset, clock, faults, switches, acts, log. Source: contract README §4.

Knows vendors only through the register. Its own documentation page is `/_sandbox/docs`.
"""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from pydantic import AwareDatetime, ConfigDict, Field

from sandbox import datasets
from sandbox.control.calls import log
from sandbox.control.clock import clock, rfc3339
from sandbox.control.faults import KINDS, Fault, faults
from sandbox.control.parking import parking
from sandbox.control.switches import switches
from sandbox.vendors import ActRefused, Vendor, vendors

api = NinjaAPI(
    title="Sandbox: control plane",
    version="1",
    description="Everything outside the vendors' paths: start over, freeze time, break things, act unseen.",
    urls_namespace="control",
    docs_url="/docs",
)


class Strict(Schema):
    """Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class ResetBody(Strict):
    dataset: Literal["empty", "demo"]


class ClockBody(Strict):
    now: AwareDatetime | None


class FaultBody(Strict):
    vendor: str
    method: str = Field(description="HTTP method, or * for any")
    path: str = Field(description="Glob over the full path, or over the part after the vendor's base")
    kind: str
    times: int = Field(1, ge=1)


class SwitchBody(Strict):
    vendor: str
    credential: str
    name: str
    value: str


class ActBody(Strict):
    vendor: str
    credential: str
    action: str
    args: dict[str, Any] | list[dict[str, Any]] = {}


@api.exception_handler(ActRefused)
def refused(request: HttpRequest, problem: ActRefused) -> Any:
    """422 with the reason in one line."""
    return api.create_response(request, {"detail": str(problem)}, status=422)


@api.post("/reset")
def reset(request: HttpRequest, body: ResetBody) -> Any:
    """Start over with empty or demo data; faults, switches, clock and log are cleared."""
    clock.freeze(None)
    faults.clear()
    switches.clear()
    datasets.restore(body.dataset)
    log.clear()
    return {"dataset": body.dataset}


@api.post("/clock")
def set_clock(request: HttpRequest, body: ClockBody) -> Any:
    """Freeze at an RFC 3339 time; null lets the clock run."""
    moment: datetime | None = body.now
    clock.freeze(moment)
    return {"now": rfc3339(clock.now()), "frozen": clock.frozen}


@api.post("/faults")
def add_fault(request: HttpRequest, body: FaultBody) -> Any:
    """Let the next matching requests fail."""
    vendor = _vendor(body.vendor)
    if body.kind not in KINDS:
        raise ActRefused(f"kind must be one of {', '.join(sorted(KINDS))}")
    faults.add(Fault(vendor.name, body.method, body.path, body.kind, body.times))
    return faults.waiting()


@api.delete("/faults")
def clear_faults(request: HttpRequest) -> Any:
    """Forget every waiting fault; stalled connections are hung up."""
    faults.clear()
    parking.release()
    return faults.waiting()


@api.post("/switch")
def set_switch(request: HttpRequest, body: SwitchBody) -> Any:
    """Change a vendor's behaviour for one credential, until the next reset."""
    vendor = _vendor(body.vendor, body.credential)
    switch = vendor.switches.get(body.name)
    if switch is None:
        raise ActRefused(f"switch must be one of {', '.join(vendor.switches)}")
    if body.value not in switch.values:
        raise ActRefused(f"value must be one of {', '.join(switch.values)}")
    switches.put(vendor=vendor.name, credential=body.credential, name=body.name, value=body.value)
    return switches.rows()


@api.post("/act")
def act(request: HttpRequest, body: ActBody) -> Any:
    """Change state behind the client's back; a list of arguments does the act once per item."""
    vendor = _vendor(body.vendor, body.credential)
    perform = vendor.acts.get(body.action)
    if perform is None:
        raise ActRefused(f"action must be one of {', '.join(vendor.acts)}")
    if isinstance(body.args, list):
        return {"result": [perform(body.credential, args) for args in body.args]}
    return {"result": perform(body.credential, body.args)}


@api.get("/log")
def read_log(request: HttpRequest, vendor: str | None = None) -> Any:
    """The vendor calls so far, oldest first."""
    return log.rows(vendor)


@api.get("/state")
def state(request: HttpRequest) -> Any:
    """The clock, what waits to fail, what is switched, how many vendor calls are being worked on."""
    return {
        "now": rfc3339(clock.now()),
        "frozen": clock.frozen,
        "faults": faults.waiting(),
        "switches": switches.rows(),
        "in_flight": log.in_flight,
    }


def _vendor(name: str, credential: str | None = None) -> Vendor:
    vendor = vendors().get(name)
    if vendor is None:
        raise ActRefused(f"vendor must be one of {', '.join(vendors())}")
    if credential is not None and credential not in vendor.credentials:
        raise ActRefused(f"credential must be one of {', '.join(vendor.credentials)}")
    return vendor
