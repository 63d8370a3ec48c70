"""The nine calls of the Smartbis API v2, on neutral records.

Knows what each call means and what cannot be valid; names come from `wire`, time limits and repeats
from `transport`. It must not know Django, storage or screens. Writes are never sent again from here,
except as the contract allows before the platform acted (401 once, 429).

Vendor documents: `contracts/smartbis-v2.md` and `smartbis-v2.openapi.yaml`, after the published
collection "Smartbis API v2" (base https://api.smartbis.com/v2/); operation ids are named at each call.
"""

import secrets
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from smartbis_admin.api.bearer import BearerTokens, ask_for_token
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.encode import encode_body, id_in_body
from smartbis_admin.api.errors import InDoubt, Refused
from smartbis_admin.api.listings import read_listing
from smartbis_admin.api.ports import Pace, Token, TokenStore
from smartbis_admin.api.probes import PROBE_ROWS, probe_of
from smartbis_admin.api.records import (
    UNSET,
    CategoryRecord,
    CpfLookup,
    CustomerDraft,
    CustomerRecord,
    Probe,
    Record,
    RewardRecord,
    SaleDraft,
    SaleRecord,
    VoucherRecord,
    VoucherStatus,
)
from smartbis_admin.api.refusals import read_refusal
from smartbis_admin.api.shapes import Listing, Shape, read_single
from smartbis_admin.api.smartbis import wire
from smartbis_admin.api.smartbis.checks import (
    checked_amount,
    checked_cpf,
    checked_name,
    checked_phone,
    checked_segment,
    refused,
)
from smartbis_admin.api.transport import AccountClient, Call, Reply, Timeouts, Transport
from smartbis_admin.api.walk import Walk, WalkState

R = TypeVar("R", bound=Record)

#: Seconds at the most for the token call and for a probe: a lock or a person waits.
SHORT = 8.0


class SmartbisClient(AccountClient):
    """One account of Smartbis. Safe to share between threads; `close()` frees its connections.

    Every call raises the family of `api.errors`. Reads raise no `InDoubt`; writes raise no `Malformed`
    and return None when they were done but the answer carries no details, which are then read.
    `timeout` (seconds) is how long a person waits; for a read it includes the repeats.
    """

    provider = "smartbis"
    capabilities = frozenset(
        {
            Capability.LIST_CATEGORIES,
            Capability.LIST_REWARDS,
            Capability.LIST_CUSTOMERS,
            Capability.LIST_VOUCHERS,
            Capability.FIND_CUSTOMER_BY_CPF,
            Capability.CREATE_CUSTOMER,
            Capability.REGISTER_SALE,
            Capability.SET_STOCK,
            Capability.VALIDATE_VOUCHER,
            Capability.CREATE_CATEGORY,
        }
    )

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        api_secret: str,
        tokens: TokenStore,
        pace: Pace,
        zone: ZoneInfo,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._key = api_key
        self._secret = api_secret
        self._zone = zone
        self._transport = Transport(
            base_url,
            vendor=self.provider,
            auth=BearerTokens(tokens, self.fetch_token),
            pace=pace,
            read_error=partial(read_refusal, shape=wire.ERRORS, zone=zone),
            timeouts=timeouts,
            sleep=sleep,
        )

    # createToken: POST auth/token - smartbis-v2.md §1. Goes without Bearer; repeating it does no harm.
    def fetch_token(self) -> Token:
        """Exchange the pair for a token; `NotAllowed` for a wrong pair, `Misconfigured` for nonsense."""
        body = wire.TokenBody(api_key=self._key, api_secret=self._secret)
        call = Call(
            method="POST",
            path=wire.AUTH,
            body=encode_body(body),
            repeatable=True,
            authorised=False,
            timeout=SHORT,
        )
        return ask_for_token(
            self._transport,
            call,
            read=wire.read_token,
            default_lifetime=wire.DEFAULT_LIFETIME,
            zone=self._zone,
        )

    # listCategories, listCoupons, listCustomers, listVouchers: GET - smartbis-v2.md §2, "Paging".
    def walk(
        self, resource: Resource, *, state: WalkState | None = None, per_page: int = wire.MAX_PER_PAGE
    ) -> Walk[Any]:
        """Walk a list from its start, or from where `state` stands. Nothing is sent before `fetch()`."""
        state = state or WalkState(per_page=min(per_page, wire.MAX_PER_PAGE))
        return Walk(partial(self._list, resource), state)

    def _list(self, resource: Resource, page: int, per_page: int) -> Listing[Any]:
        path, shape = wire.LISTS[resource]
        query = {wire.Q_PAGE: str(page), wire.Q_PER_PAGE: str(per_page)}
        reply = self._transport.send(Call(method="GET", path=path, query=query, repeatable=True))
        return self._listing(reply, shape, number=page)

    def _listing(self, reply: Reply, shape: Shape[R], *, number: int = 1) -> Listing[R]:
        return read_listing(
            reply.body,
            shape=shape,
            envelope=wire.ENVELOPE,
            zone=self._zone,
            number=number,
            reference=reply.reference,
        )

    def probe(self, resource: Resource) -> Probe:
        """Read a few rows of a list and say what was recognised. Raises like any read."""
        path, shape = wire.LISTS[resource]
        query = {wire.Q_PAGE: "1", wire.Q_PER_PAGE: str(PROBE_ROWS)}
        reply = self._transport.send(
            Call(method="GET", path=path, query=query, repeatable=True, timeout=SHORT)
        )
        page = self._listing(reply, shape).page
        return probe_of(reply, page, shape)

    # listCustomers with cpf: GET customers?cpf= - smartbis-v2.md §4.2, "Filter rule, always".
    def find_customers(self, *, cpf: str, timeout: float | None = None) -> CpfLookup:
        """Search by CPF. Only rows with exactly that CPF are matches; see `CpfLookup` for what none means."""
        asked = checked_cpf(cpf)
        call = Call(
            method="GET",
            path=wire.CUSTOMERS,
            query={wire.Q_CPF: asked, wire.Q_PAGE: "1", wire.Q_PER_PAGE: str(wire.MAX_PER_PAGE)},
            repeatable=True,
            timeout=timeout,
        )
        try:
            reply = self._transport.send(call)
        except Refused as refused:
            if refused.status == 404:
                return CpfLookup(matches=[], filter_honoured=True)
            raise
        page = self._listing(reply, wire.CUSTOMER).page
        matches = [record for record in page.records if record.cpf == asked]
        return CpfLookup(matches=matches, filter_honoured=len(matches) == page.row_count)

    # createCustomer: POST customers - smartbis-v2.md §3, §4.2. Not repeatable.
    def create_customer(self, draft: CustomerDraft, *, timeout: float | None = None) -> CustomerRecord | None:
        """Create a customer. Without a password one is made up; it is sent and forgotten.

        Refused here: `blank_name`, `name_too_long`, `invalid_cpf`, `invalid_phone`, `invalid_password`,
        `email_too_long`.
        """
        password = secrets.token_urlsafe(12) if draft.password is None else draft.password
        if not 8 <= len(password) <= 72:
            raise refused("invalid_password", "password")
        if draft.email and len(draft.email) > 254:
            raise refused("email_too_long", "email")
        body = wire.CustomerBody(
            name=checked_name(draft.name, limit=120),
            phone=checked_phone(draft.phone),
            password=password,
            cpf=checked_cpf(draft.cpf),
            email=draft.email or UNSET,
            birth_date=draft.birth_date or UNSET,
        )
        return self._write("POST", wire.CUSTOMERS, body, wire.CUSTOMER, timeout=timeout)

    # registerSale: POST sales - smartbis-v2.md §3, §4.2. Not repeatable; a repeat credits twice.
    def register_sale(self, draft: SaleDraft, *, timeout: float | None = None) -> SaleRecord | None:
        """Register a sale in BRL. Refused here: `invalid_amount`, `invalid_cpf`, `invalid_customer`."""
        amount = checked_amount(draft.amount)
        if (draft.cpf is None) == (draft.customer_remote_id is None):
            raise refused("invalid_customer", "customer_remote_id")
        if draft.cpf is not None:
            body = wire.SaleBody(sale_amount=amount, cpf=checked_cpf(draft.cpf))
        else:
            remote_id = draft.customer_remote_id or ""
            if not remote_id.strip():
                raise refused("invalid_customer", "customer_remote_id")
            body = wire.SaleBody(sale_amount=amount, customer_id=id_in_body(remote_id))
        return self._write("POST", wire.SALES, body, wire.SALE, timeout=timeout)

    # setCouponStock: PATCH coupons/{coupon_id}/stock - smartbis-v2.md §2, §4.2. Absolute number.
    def set_stock(
        self, *, reward_remote_id: str, stock: int, timeout: float | None = None
    ) -> RewardRecord | None:
        """Set a reward's stock. Refused here: `negative_stock`, `stock_too_large`, `invalid_id`."""
        if stock < 0:
            raise refused("negative_stock", "stock")
        if stock > 2**31 - 1:
            raise refused("stock_too_large", "stock")
        segments = {"coupon_id": checked_segment(reward_remote_id, "reward_remote_id", blank="invalid_id")}
        body = wire.StockBody(stock=stock)
        return self._write("PATCH", wire.COUPON_STOCK, body, wire.COUPON, segments=segments, timeout=timeout)

    # validateVoucher: POST vouchers/{voucher_code}/validate - smartbis-v2.md §3 "Voucher codes", §4.1.
    def validate_voucher(self, *, code: str, timeout: float | None = None) -> VoucherRecord | None:
        """Consume a voucher by its exact code (who calls resolves a typed one against the mirror).

        A reply with a voucher that is not `used` raises `InDoubt`, with the alert `dry_run` when it
        says another status. Refused here: `blank_code`, `code_too_long`, `invalid_code`.
        """
        if len(code) > 64:
            raise refused("code_too_long", "code")
        segments = {"voucher_code": checked_segment(code, "code", blank="blank_code")}
        reply = self._send_write("POST", wire.VALIDATE, wire.ValidateBody(), segments, timeout)
        row = self._row(reply, wire.VALIDATE, wire.VOUCHER)
        if row is None:
            return None
        values, _issues = wire.VOUCHER.read(row, self._zone)
        if not values:
            return None
        if values.get("status") is not VoucherStatus.USED:
            alert = "dry_run" if "status" in values else ""
            raise InDoubt("vouchers: answered, but not as used", reply.reference, "unexpected", alert=alert)
        return wire.VOUCHER.read_record(row, self._zone)[0]

    # createCategory: POST categories - smartbis-v2.md §2. Not repeatable.
    def create_category(self, *, name: str, timeout: float | None = None) -> CategoryRecord | None:
        """Create a category. Refused here: `blank_name`, `name_too_long`."""
        body = wire.CategoryBody(name=checked_name(name, limit=80))
        return self._write("POST", wire.CATEGORIES, body, wire.CATEGORY, timeout=timeout)

    def _write(
        self,
        method: str,
        path: str,
        body: msgspec.Struct,
        shape: Shape[R],
        *,
        timeout: float | None,
        segments: dict[str, str] | None = None,
    ) -> R | None:
        reply = self._send_write(method, path, body, segments or {}, timeout)
        row = self._row(reply, path, shape)
        return None if row is None else shape.read_record(row, self._zone)[0]

    def _send_write(
        self, method: str, path: str, body: msgspec.Struct, segments: dict[str, str], timeout: float | None
    ) -> Reply:
        return self._transport.send(
            Call(
                method=method,
                path=path,
                segments=segments,
                body=encode_body(body),
                repeatable=False,
                timeout=timeout,
            )
        )

    def _row(self, reply: Reply, path: str, shape: Shape[Any]) -> dict[str, Any] | None:
        """The object in a write's 2xx reply; None = done without details. `InDoubt` when it is not JSON."""
        if not reply.body.strip():
            return None
        try:
            return read_single(reply.body, shape=shape, envelope=wire.ENVELOPE)
        except ValueError:
            pass
        raise InDoubt(f"{path}: accepted, but the reply is not JSON", reply.reference, "not_json")
