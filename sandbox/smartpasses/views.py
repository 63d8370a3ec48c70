"""Smart Passes' calls over HTTP: who asks, what was asked, what is answered. Plain Django views.

Bodies are read by `sandbox.bodies`, effects are in `services`, objects are shown by `wire`. Source: contract
smartpasses-v1 §1 and §2. Whatever is not listed there is a 404 in JSON.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from sandbox.bodies import Bad, BadBody, boolean, fields_of, json_object, text, whole
from sandbox.control.calls import Call
from sandbox.control.gate import CALL
from sandbox.control.switches import switches
from sandbox.lists import spoilt
from sandbox.smartpasses import refusals, services
from sandbox.smartpasses.models import Customer, Offer
from sandbox.smartpasses.refusals import Refused, invalid
from sandbox.smartpasses.wire import Show, refusal
from sandbox.vendors import Reply, Switch, http, json_reply

VENDOR_NAME = "smartpasses"
APP_KEY = "sandbox-app-key"
PROGRAM = "4000000000000001"
SWITCHES = {
    "card_as": Switch(("object", "list")),
    "id_as": Switch(("number", "string")),
    "create_status": Switch(("200", "201")),
    "validation_status": Switch(("422", "400")),
}
_PHONE = re.compile(r"\+[1-9]\d{7,14}", re.ASCII)


def phone(value: Any) -> str:
    """Reader of a phone in E.164."""
    if not isinstance(value, str) or not _PHONE.fullmatch(value):
        raise Bad("format")
    return value


WORDS = text(most=100_000)
POINTS = whole(least=0, most=10**15)
CUSTOMER = {"firstName": WORDS, "lastName": WORDS, "email": WORDS, "phone": phone}
OFFER = {
    "name": text(least=1, most=100_000),
    "pointsCost": POINTS,
    "description": WORDS,
    "autoClaim": boolean,
}
COLUMNS = {
    "firstName": "first_name",
    "lastName": "last_name",
    "pointsCost": "points_cost",
    "autoClaim": "auto_claim",
}


@dataclass(frozen=True)
class Session:
    """One request whose key and programme are right."""

    request: HttpRequest
    call: Call
    show: Show

    def done(self, shown: Any, status: int = 200) -> Reply:
        """The reply to a change; call it after the commit."""
        self.call.committed = True
        return json_reply(shown, status)

    def body(self, **readers: Any) -> dict[str, Any]:
        """The values of the body by column; `required` and `optional` as `fields_of` takes them."""
        fields = fields_of(json_object(self.request), **readers)
        return {COLUMNS.get(key, key): value for key, value in fields.items()}

    def changes(self, readers: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a body that changes at least something."""
        fields = self.body(optional=readers)
        if not fields:
            raise invalid({"body": "must change at least one field"})
        return fields


Handler = Callable[..., Reply]


def switch(name: str) -> str:
    """The value of a switch."""
    return switches.get(vendor=VENDOR_NAME, credential=APP_KEY, name=name, default=SWITCHES[name].values[0])


def refuse(environ: Mapping[str, Any], status: int) -> Reply:
    """The refusal the gate asks for: 403, 429 or 500."""
    made = {403: refusals.forbidden, 429: refusals.too_many_requests}.get(status, refusals.server_error)
    return refusal(made(), status)


def calls(**handlers: Handler) -> Callable[..., HttpResponse]:
    """A view that checks key and programme, then hands over to the handler of the request's method."""

    def view(request: HttpRequest, program_id: str = "", **path: str) -> HttpResponse:
        try:
            if request.META.get("HTTP_AUTHORIZATION") != APP_KEY:
                raise refusals.forbidden()
            handler = handlers.get(request.method or "")
            if handler is None or program_id != PROGRAM:
                raise refusals.not_found()
            show = Show(switch("id_as") == "string", switch("card_as") == "list")
            return http(handler(Session(request, request.META[CALL], show), **path))
        except BadBody as bad:
            return http(refusal(invalid(bad.errors), int(switch("validation_status"))))
        except Refused as refused:
            return http(refusal(refused, int(switch("validation_status"))))

    return view


def list_customers(session: Session) -> Reply:
    """`GET customers`: everybody at once."""
    shown = [session.show.customer(row) for row in Customer.objects.order_by("pk")]
    return json_reply(spoilt(shown, session.call.fault))


def get_customer(session: Session, customer_id: str) -> Reply:
    """`GET customers/{customerId}`."""
    return json_reply(session.show.customer(services.find_customer(customer_id)))


def create_customer(session: Session) -> Reply:
    """`POST customers`."""
    customer = services.create_customer(**session.body(optional=CUSTOMER))
    return session.done(session.show.created_customer(customer), int(switch("create_status")))


def update_customer(session: Session, customer_id: str) -> Reply:
    """`PUT customers/{customerId}`: only what is sent changes; points are set."""
    fields = session.changes({**CUSTOMER, "points": POINTS})
    return session.done(session.show.customer(services.update_customer(customer_id, **fields)))


def delete_customer(session: Session, customer_id: str) -> Reply:
    """`DELETE customers/{customerId}`."""
    services.delete_customer(customer_id)
    return session.done({})


def add_points(session: Session, customer_id: str) -> Reply:
    """`POST customers/{customerId}/points/add`."""
    fields = session.body(required={"points": whole(least=1, most=10**9)})
    return session.done(session.show.points(services.add_points(customer_id, **fields)))


def list_offers(session: Session) -> Reply:
    """`GET offers`."""
    shown = [session.show.offer(row) for row in Offer.objects.order_by("pk")]
    return json_reply(spoilt(shown, session.call.fault))


def create_offer(session: Session) -> Reply:
    """`POST offers`: a draft."""
    required = {key: OFFER[key] for key in ("name", "pointsCost")}
    optional = {key: OFFER[key] for key in ("description", "autoClaim")}
    offer = services.create_offer(**session.body(required=required, optional=optional))
    return session.done(session.show.offer(offer))


def update_offer(session: Session, offer_id: str) -> Reply:
    """`POST offers/{offerId}`."""
    fields = session.changes(OFFER)
    return session.done(session.show.offer(services.update_offer(offer_id, **fields)))


def delete_offer(session: Session, offer_id: str) -> Reply:
    """`DELETE offers/{offerId}`."""
    services.delete_offer(offer_id)
    return session.done({})


def publish_offer(session: Session, offer_id: str) -> Reply:
    """`POST offers/{offerId}/publish`."""
    _nothing_sent(session)
    return session.done(session.show.offer(services.publish_offer(offer_id)))


def cancel_offer(session: Session, offer_id: str) -> Reply:
    """`POST offers/{offerId}/cancel`."""
    _nothing_sent(session)
    return session.done(session.show.offer(services.cancel_offer(offer_id)))


def _nothing_sent(session: Session) -> None:
    if session.request.body:
        raise BadBody({"body": "must be empty"})
