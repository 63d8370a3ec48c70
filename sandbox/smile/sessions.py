"""The way into every call: the key, the pace, the edition, the scope; then the handler, then the reply.

Source: contract smile-v1 §1 and §3. Knows no call by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from sandbox.bodies import BadBody
from sandbox.control.calls import Call
from sandbox.control.clock import clock
from sandbox.control.gate import CALL
from sandbox.control.switches import switches
from sandbox.smile import refusals, services, wire
from sandbox.smile.auth import CURRENT, Credential, credential_of
from sandbox.smile.pace import buckets
from sandbox.smile.query import Query
from sandbox.smile.refusals import Refused
from sandbox.smile.tiers import tiers_of
from sandbox.vendors import Reply, Switch, http, json_reply

VENDOR_NAME = "smile"
#: What a key may lack; write includes read. Which scopes exist is partly assumed.
SCOPES = (
    "customer:read",
    "points_product:read",
    "points_purchase:write",
    "points_transaction:read",
    "points_transaction:write",
    "activity:write",
    "reward_fulfillment:read",
    "earning_rule:read",
    "vip_tier:read",
    "points_settings:read",
)
APP_ONLY = "customer_identity:write"
SWITCHES = {
    "rate_limit": Switch(("on", "off")),
    "short_balance": Switch(("edition", "400", "402", "422")),
    "distinct_repeat": Switch(("return", "reject")),
    "missing_scope": Switch(("none", *SCOPES)),
}


@dataclass(frozen=True)
class Session:
    """One request whose key is known; `now` in milliseconds."""

    request: HttpRequest
    credential: Credential
    call: Call
    now: int
    query: Query

    @property
    def account(self) -> int:
        """Whose data."""
        return self.credential.account

    @property
    def current(self) -> bool:
        """Whether today's edition is spoken."""
        return self.credential.profile == CURRENT

    @property
    def filtered(self) -> bool:
        """Whether filters are heeded."""
        return self.call.fault != "ignore_filter"

    @property
    def paged(self) -> bool:
        """Whether cursors and page numbers are heeded."""
        return self.call.fault != "ignore_paging"

    def show(self, include: frozenset[str] = frozenset()) -> wire.Show:
        """The edition's objects, as things stand now."""
        tiers = {tier.pk: tier for tier in tiers_of(self.account)} if include else {}
        return wire.Show(self.credential.profile, self.now, tiers, include)

    def created(self, kind: str, shown: Mapping[str, Any], *, committed: bool = True) -> Reply:
        """The reply to a POST that worked; call it after the commit."""
        self.call.committed = committed
        return json_reply({kind: shown}, wire.CREATED[self.credential.profile])


@dataclass(frozen=True)
class Route:
    """A call: what serves it, the scope it takes, whether the older edition has it."""

    handler: Callable[..., Reply]
    scope: str
    old: bool = True


def switch(credential: Credential, name: str) -> str:
    """The value of a switch."""
    default = SWITCHES[name].values[0]
    return switches.get(vendor=VENDOR_NAME, credential=credential.key, name=name, default=default)


def refuse(environ: Mapping[str, Any], status: int) -> Reply:
    """The refusal the gate asks for: 401, 429 or 500, in the edition of the caller's key."""
    made = {401: refusals.unauthorized, 429: refusals.too_many_requests}.get(status, refusals.server_error)
    return wire.refusal(_profile(environ), made())


def calls(**routes: Route) -> Callable[..., HttpResponse]:
    """A view that lets a request in, then hands over to the route of its method."""

    def view(request: HttpRequest, **path: str) -> HttpResponse:
        try:
            return http(_answer(request, routes.get(request.method or ""), path))
        except BadBody as bad:
            return http(wire.refusal(_profile(request.META), refusals.bad_request(bad.errors)))
        except Refused as refused:
            return http(wire.refusal(_profile(request.META), _switched(request, refused)))

    return view


def _answer(request: HttpRequest, route: Route | None, path: Mapping[str, str]) -> Reply:
    credential = credential_of(request.META)
    if credential is None:
        raise refusals.unauthorized()
    if switch(credential, "rate_limit") == "on" and not buckets.take(credential.key, clock.instant()):
        raise refusals.too_many_requests()
    current = credential.profile == CURRENT
    if route is None or not (current or route.old):
        raise refusals.not_found()
    if current and _lacks(switch(credential, "missing_scope"), route.scope):
        raise refusals.forbidden(route.scope)
    session = Session(request, credential, request.META[CALL], clock.now() * 1000, Query(request))
    services.settle(account=session.account, now=session.now)
    return route.handler(session, **path)


def _lacks(missing: str, scope: str) -> bool:
    resource, _, right = missing.partition(":")
    # A key without the right to read cannot have the right to write, which includes it.
    return scope in (APP_ONLY, missing) or (right == "read" and scope == f"{resource}:write")


def _switched(request: HttpRequest, refused: Refused) -> Refused:
    credential = credential_of(request.META)
    if credential is not None and isinstance(refused, refusals.ShortBalance):
        word = switch(credential, "short_balance")
        refused.status = None if word == "edition" else int(word)
    return refused


def _profile(environ: Mapping[str, Any]) -> str:
    credential = credential_of(environ)
    return credential.profile if credential else CURRENT
