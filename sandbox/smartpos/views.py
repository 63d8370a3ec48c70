"""SmartPOS' calls over HTTP: who asks, what was asked, what is answered. Plain Django views.

Bodies are read by `sandbox.bodies`, objects are shown by `wire`, files printed by `printing`. Source: contract
smartpos.md §2.2. Whatever is not listed there is a 404 in JSON, apart from the panel's files.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from sandbox.bodies import BadBody, fields_of, json_object, text
from sandbox.control.calls import Call
from sandbox.control.clock import clock
from sandbox.control.gate import CALL
from sandbox.lists import spoilt
from sandbox.smartpos import cursors, printing, refusals, wire
from sandbox.smartpos.auth import CLIENT_SECRET, CLIENTS, LIFETIME, client_of, make_token
from sandbox.smartpos.models import Customer, Machine, Sale
from sandbox.smartpos.refusals import Refused, invalid
from sandbox.smartpos.services import account_of
from sandbox.vendors import Reply, http, json_reply

BIGGEST_PAGE = 500
DEFAULT_PAGE = 100
MOST_DAYS = 3650
DAY = 86_400
WORDS = text(most=10_000)


@dataclass(frozen=True)
class Session:
    """One request; `account` is 0 where no token is asked for."""

    request: HttpRequest
    call: Call
    account: int = 0


Handler = Callable[[Session], Reply]


def refuse(environ: Mapping[str, Any], status: int) -> Reply:
    """The refusal the gate asks for: 401, 429 or 500."""
    made = {401: refusals.unauthorized, 429: refusals.too_many_requests}.get(status, refusals.server_error)
    return made().reply()


def calls(*, public: bool = False, **handlers: Handler) -> Callable[..., HttpResponse]:
    """A view that checks the token, unless it is for everybody, then hands over to the method's handler."""

    def view(request: HttpRequest) -> HttpResponse:
        try:
            account = 0
            if not public:
                client = client_of(request.META.get("HTTP_AUTHORIZATION", ""), now=clock.now())
                if client is None:
                    raise refusals.unauthorized()
                account = CLIENTS[client]
            handler = handlers.get(request.method or "")
            if handler is None:
                raise refusals.not_found()
            return http(handler(Session(request, request.META[CALL], account)))
        except BadBody as bad:
            return http(invalid(bad.errors).reply())
        except Refused as refused:
            return http(refused.reply())

    return view


def authorize(session: Session) -> Reply:
    """`POST /v1/authorize`."""
    keys = ("client_id", "client_secret", "grant_type")
    fields = fields_of(json_object(session.request), required=dict.fromkeys(keys, WORDS))
    if fields["grant_type"] != "client_credentials":
        raise invalid({"grant_type": "must be client_credentials"})
    client = fields["client_id"]
    if client not in CLIENTS or fields["client_secret"] != CLIENT_SECRET:
        raise refusals.wrong_pair()
    token = make_token(client=client, now=clock.now())
    return json_reply({"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME})


def list_sales(session: Session) -> Reply:
    """`GET /v1/sales`: in the order of change, one that changed comes again."""
    limit = _number(session, "limit", default=DEFAULT_PAGE, most=BIGGEST_PAGE)
    return _feed(session, "sales", Sale.objects.all(), wire.sale, limit)


def list_customers(session: Session) -> Reply:
    """`GET /v1/customers`, in the order of change."""
    return _feed(session, "customers", Customer.objects.all(), wire.customer, DEFAULT_PAGE)


def list_machines(session: Session) -> Reply:
    """`GET /v1/machines`: all of them."""
    rows = Machine.objects.filter(account_id=session.account).order_by("pk")
    return json_reply({"machines": spoilt([wire.machine(row) for row in rows], session.call.fault)})


def print_sales(kind: str) -> Handler:
    """`GET /panel/vendas.csv` and `.xlsx`: the file a person takes from the bridge."""

    def handler(session: Session) -> Reply:
        query = session.request.GET
        client, encoding = query.get("client", next(iter(CLIENTS))), query.get("encoding", "utf-8")
        if client not in CLIENTS or encoding not in printing.ENCODINGS:
            raise refusals.not_found()
        days = _number(session, "days", default=MOST_DAYS, most=MOST_DAYS)
        rows = Sale.objects.filter(
            account_id=CLIENTS[client], raw="", sold_at__gte=clock.now() - days * DAY
        ).order_by("sold_at", "pk")
        file = printing.printed(rows.iterator(), kind=kind, encoding=encoding)
        disposition = f'attachment; filename="{file.name}"'
        return Reply(200, file.content, (("Content-Type", file.type), ("Content-Disposition", disposition)))

    return handler


def _feed(
    session: Session, kind: str, rows: QuerySet[Any], show: Callable[[Any], dict[str, Any]], limit: int
) -> Reply:
    """A page of a feed: what changed behind the cursor, and the cursor behind it when there is more."""
    account, now, fault = account_of(session.account), clock.now(), session.call.fault
    asked = session.request.GET.get("cursor")
    after = 0
    if asked:
        after = cursors.read(asked, kind, generation=account.cursors, now=now, last=account.changes)
    if fault == "ignore_paging":
        after = 0
    listed = rows.filter(account_id=session.account)
    found = list(listed.filter(change__gt=after).order_by("change")[: limit + 1])
    page, further = found[:limit], None
    if len(found) > limit:
        further = cursors.written(kind, generation=account.cursors, now=now, change=page[-1].change)
    if fault == "repeat_page":
        page = list(listed.filter(change__lte=after).order_by("-change")[:limit])[::-1] or page
    return json_reply({kind: spoilt([show(row) for row in page], fault), "next_cursor": further})


def _number(session: Session, name: str, *, default: int, most: int) -> int:
    value = session.request.GET.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= 9 and 1 <= int(value) <= most):
        raise invalid({name: f"must be between 1 and {most}"})
    return int(value)
