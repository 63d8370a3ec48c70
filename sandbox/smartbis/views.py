"""The nine calls over HTTP: who asks, what was asked, what is answered. Plain Django views, for exact wire
control.

Requests are read by `bodies`, effects are in `services`, replies are written by `wire`. Source: contract
smartbis-v2 §2–§5. A path or method nobody documented is answered by Django itself, without a JSON error.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.datastructures import MultiValueDict

from sandbox.bodies import text
from sandbox.control.calls import Call
from sandbox.control.clock import clock
from sandbox.control.gate import CALL
from sandbox.control.switches import switches
from sandbox.smartbis import bodies, services
from sandbox.smartbis.auth import (
    API_SECRET,
    CREDENTIALS,
    LIFETIME,
    Credential,
    bearer,
    make_token,
    read_token,
)
from sandbox.smartbis.paging import (
    BIGGEST_PAGE,
    CATEGORIES,
    COUPONS,
    CUSTOMERS,
    DEFAULT_PAGE,
    VOUCHERS,
    Listing,
    page_of,
    whole,
)
from sandbox.smartbis.refusals import (
    Refused,
    invalid,
    server_error,
    too_many_requests,
    unauthenticated,
    wrong_pair,
)
from sandbox.smartbis.wire import LARAVEL, Page, Profile
from sandbox.vendors import Reply, http

VENDOR_NAME = "smartbis"
CPF = bodies.digits(least=11, most=11)


@dataclass(frozen=True)
class Session:
    """One authenticated request."""

    request: HttpRequest
    credential: Credential
    call: Call
    now: int

    @property
    def profile(self) -> Profile:
        """How to answer."""
        return self.credential.profile

    @property
    def account(self) -> int:
        """Whose data."""
        return self.credential.account


Handler = Callable[..., Reply]
View = Callable[..., HttpResponse]


def profile_of(environ: Mapping[str, Any]) -> Profile:
    """The profile a request is answered in even when it is refused: its token's, else `laravel`."""
    token = read_token(bearer(environ.get("HTTP_AUTHORIZATION")))
    return token.credential.profile if token else LARAVEL


def refuse(environ: Mapping[str, Any], status: int) -> Reply:
    """The refusal the gate asks for: 401, 429 or 500."""
    refused = {401: unauthenticated, 429: too_many_requests}.get(status, server_error)()
    return profile_of(environ).refusal(refused)


def calls(**handlers: Handler) -> View:
    """A view that authenticates, then hands over to the handler of the request's method."""

    def view(request: HttpRequest, **path: str) -> HttpResponse:
        handler = handlers.get(request.method or "")
        if handler is None:
            return HttpResponseNotAllowed(handlers)
        try:
            return http(handler(_authenticate(request), **path))
        except Refused as refused:
            return http(profile_of(request.META).refusal(refused))

    return view


def token(request: HttpRequest) -> HttpResponse:
    """`POST auth/token`."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    profile = LARAVEL
    try:
        some = text(least=1, most=10_000)
        pair = bodies.read_body(request, required={"api_key": some, "api_secret": some})
        credential = CREDENTIALS.get(pair["api_key"])
        if credential is None:
            raise wrong_pair()
        profile = credential.profile
        if pair["api_secret"] != API_SECRET:
            raise wrong_pair()
    except Refused as refused:
        return http(profile.refusal(refused))
    now = clock.now()
    made = make_token(credential=credential, now=now)
    return http(profile.token(token=made, lifetime=LIFETIME, ends_at=now + LIFETIME))


def list_customers(session: Session) -> Reply:
    """`GET customers`."""
    cpf = session.request.GET.get("cpf")
    if cpf is None or session.call.fault == "ignore_filter":
        return _list(session, CUSTOMERS)
    found = services.customers_by_cpf(account=session.account, cpf=cpf)
    number, per_page = _paging(session)
    rows = found if number == 1 else []
    return session.profile.listing("customer", Page(rows, number, per_page, len(found)))


def create_customer(session: Session) -> Reply:
    """`POST customers`; the password is checked and dropped."""
    fields = bodies.read_body(
        session.request,
        required={
            "name": text(least=1, most=120),
            "phone": bodies.digits(least=10, most=11),
            "password": text(least=8, most=72),
        },
        optional={"cpf": CPF, "email": text(most=254), "birth_date": bodies.day},
    )
    del fields["password"]
    # Empty and absent are the same thing in the replies.
    fields["email"] = fields.get("email") or None
    customer = services.create_customer(account=session.account, now=session.now, **fields)
    session.call.committed = True
    return session.profile.single("customer", customer, status=session.profile.created)


def register_sale(session: Session) -> Reply:
    """`POST sales`."""
    fields = bodies.read_body(
        session.request,
        required={"sale_amount": bodies.amount},
        optional={"cpf": CPF, "customer_id": bodies.identity},
    )
    if ("cpf" in fields) == ("customer_id" in fields):
        message = "Informe cpf ou customer_id, somente um deles."
        raise invalid({"cpf": message, "customer_id": message})
    amount = fields.pop("sale_amount")
    sale = services.register_sale(account=session.account, now=session.now, amount=amount, **fields)
    session.call.committed = True
    return session.profile.single("sale", sale, status=session.profile.created)


def list_coupons(session: Session) -> Reply:
    """`GET coupons`."""
    return _list(session, COUPONS)


def set_stock(session: Session, coupon_id: str) -> Reply:
    """`PATCH coupons/{coupon_id}/stock`."""
    fields = bodies.read_body(session.request, required={"stock": bodies.stock})
    coupon = services.set_stock(account=session.account, now=session.now, coupon_id=coupon_id, **fields)
    session.call.committed = True
    return session.profile.stock_set(coupon)


def list_vouchers(session: Session) -> Reply:
    """`GET vouchers`."""
    return _list(session, VOUCHERS)


def validate_voucher(session: Session, voucher_code: str) -> Reply:
    """`POST vouchers/{voucher_code}/validate`."""
    bodies.read_body(session.request, required={})
    mode = switches.get(
        vendor=VENDOR_NAME, credential=session.credential.key, name="validate_mode", default="consume"
    )
    consume = mode == "consume"
    voucher = services.validate_voucher(
        account=session.account, now=session.now, code=voucher_code, consume=consume
    )
    session.call.committed = consume
    return session.profile.validated(voucher)


def list_categories(session: Session) -> Reply:
    """`GET categories`."""
    return _list(session, CATEGORIES)


def create_category(session: Session) -> Reply:
    """`POST categories`."""
    fields = bodies.read_body(session.request, required={"name": text(least=1, most=80)})
    category = services.create_category(account=session.account, now=session.now, **fields)
    session.call.committed = True
    return session.profile.single("category", category, status=session.profile.created)


def _authenticate(request: HttpRequest) -> Session:
    now = clock.now()
    token = read_token(bearer(request.META.get("HTTP_AUTHORIZATION")))
    if token is None or now >= token.ends_at:
        raise unauthenticated()
    return Session(request, token.credential, request.META[CALL], now)


def _list(session: Session, listing: Listing) -> Reply:
    if listing.kind in session.profile.whole_lists:
        page = whole(listing, account=session.account)
    else:
        number, per_page = _paging(session)
        before = 1 if session.call.fault == "repeat_page" and number > 1 else 0
        page = page_of(listing, account=session.account, number=number - before, per_page=per_page)
        page = replace(page, number=number)
    page = _spoilt(page, session.call.fault)
    for row in page.rows:
        row.read_at(session.now)
    return session.profile.listing(listing.kind, page)


def _spoilt(page: Page, fault: str | None) -> Page:
    """The page as a faulty platform would send it."""
    match fault:
        case "cut_page":
            return replace(page, rows=page.rows[: len(page.rows) // 2])
        case "wrong_type":
            return replace(page, odd=len(page.rows) // 2)
        case "total_less":
            return replace(page, total=page.total // 2)
        case "total_more":
            return replace(page, total=page.total * 2)
    return page


def _paging(session: Session) -> tuple[int, int]:
    query = session.request.GET
    per_page = min(_number(query, "per_page", DEFAULT_PAGE), BIGGEST_PAGE)
    number = 1 if session.call.fault == "ignore_paging" else _number(query, "page", 1)
    return number, per_page


def _number(query: MultiValueDict[str, str], name: str, default: int) -> int:
    """A query number raised to at least 1; what is no number counts as absent."""
    text = query.get(name, "")
    if not (text.removeprefix("-").isdecimal() and text.isascii()):
        return default
    # Beyond this many digits every list has ended.
    return max(1, int(text[:15]))
