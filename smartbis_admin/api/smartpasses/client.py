"""The calls of the Smart Passes Loyalty API v1, on neutral records.

Names come from `wire`, time limits and repeats from `transport`. It must not know Django, storage or screens. No
write is ever sent again from here, except after a 429, which the platform answers before acting.

Vendor documents: `contracts/smartpasses-v1.md` and its OpenAPI (base
https://pass.smartpasses.io/api/v1/loyalty/); operation ids are named at each call.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.cursor import CursorWalk
from smartbis_admin.api.encode import encode_body
from smartbis_admin.api.errors import ApiError, Malformed, NotAllowed, Refused
from smartbis_admin.api.listings import read_listing
from smartbis_admin.api.points import BalanceRecord, OfferDraft, OfferRecord, PersonDraft
from smartbis_admin.api.ports import Pace
from smartbis_admin.api.probes import probe_of
from smartbis_admin.api.records import CustomerRecord, Probe, Record
from smartbis_admin.api.refusals import read_refusal
from smartbis_admin.api.replies import record_read, row_written
from smartbis_admin.api.shapes import Listing, Shape
from smartbis_admin.api.smartpasses import wire
from smartbis_admin.api.static_key import StaticKey
from smartbis_admin.api.transport import AccountClient, Call, Reply, Timeouts, Transport
from smartbis_admin.api.walk import Walk, WalkState

R = TypeVar("R", bound=Record)

#: Seconds for a list, which is everything at once (`smartpasses-v1.md` §4.6).
LIST_TIME = 120.0


class SmartPassesClient(AccountClient):
    """One programme of Smart Passes. Safe to share between threads; `close()` frees its connections.

    Every call raises the family of `api.errors`. Writes raise no `Malformed` and return None when they were done
    without details.
    """

    provider = "smartpasses"
    capabilities = frozenset(
        {
            Capability.LIST_CUSTOMERS,
            Capability.LIST_OFFERS,
            Capability.READ_CUSTOMER,
            Capability.CREATE_CUSTOMER,
            Capability.UPDATE_CUSTOMER,
            Capability.DELETE_CUSTOMER,
            Capability.ADD_POINTS,
            Capability.EDIT_OFFERS,
        }
    )
    #: A list is everything at once: not read by itself more often than this (`smartpasses-v1.md` §4.6).
    list_rest = timedelta(minutes=15)

    def __init__(
        self,
        *,
        base_url: str,
        app_key: str,
        program_id: str,
        pace: Pace,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._zone = ZoneInfo("UTC")
        self._program = {"program_id": program_id}
        if timeouts.total is None:
            timeouts = msgspec.structs.replace(timeouts, read=max(timeouts.read, LIST_TIME))
        self._transport = Transport(
            base_url,
            vendor=self.provider,
            auth=StaticKey(app_key),
            pace=pace,
            read_error=partial(read_refusal, shape=wire.ERRORS, zone=self._zone),
            timeouts=timeouts,
            sleep=sleep,
        )

    # listCustomers, listOffers: GET, everything in one bare array - smartpasses-v1.md §2, §4.6.
    def walk(self, resource: Resource, *, state: WalkState | None = None, per_page: int = 250) -> Walk[Any]:
        """Walk a list, which is one page whatever its length. Nothing is sent before `fetch()`."""
        return CursorWalk(partial(self._whole, resource), state or WalkState(per_page=per_page))

    def _whole(self, resource: Resource, cursor: str, limit: int, number: int) -> tuple[Listing[Any], str]:
        path, shape = wire.LISTS[resource]
        reply = self._send(Call(method="GET", path=path, segments=self._program, repeatable=True))
        return self._listing(reply, shape, number), ""

    def _listing(self, reply: Reply, shape: Shape[R], number: int = 1) -> Listing[R]:
        listing = read_listing(
            reply.body,
            shape=shape,
            envelope=wire.ENVELOPE,
            zone=self._zone,
            number=number,
            reference=reply.reference,
        )
        missing = listing.page.missing_fields - wire.NOT_LISTED
        return listing._replace(page=msgspec.structs.replace(listing.page, missing_fields=missing))

    def probe(self, resource: Resource) -> Probe:
        """Read a list and say what was recognised; there is no smaller read. Raises like any read."""
        path, shape = wire.LISTS[resource]
        reply = self._send(Call(method="GET", path=path, segments=self._program, repeatable=True))
        return probe_of(reply, self._listing(reply, shape).page, shape)

    def all(self, resource: Resource) -> list[Any]:
        """Every record of a list. `Malformed` when one of its rows cannot be read: it may be the one looked for."""
        page = self._whole(resource, "", 0, 1)[0].page
        if any(issue.row_lost for issue in page.issues):
            raise Malformed(f"{wire.LISTS[resource][0]}: a row cannot be read", reason="unexpected")
        return page.records

    # getCustomer: GET customers/{customerId} - smartpasses-v1.md §2.
    def read_customer(self, remote_id: str, *, timeout: float | None = None) -> CustomerRecord | None:
        """One customer as the platform has them now; None when it knows no such id."""
        call = Call(
            method="GET",
            path=wire.CUSTOMER,
            segments=self._program | {"customer_id": remote_id},
            repeatable=True,
            timeout=timeout,
        )
        try:
            reply = self._send(call)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
        return record_read(reply, shape=wire.PERSON, envelope=wire.ENVELOPE, zone=self._zone, path=call.path)

    # createCustomer: POST customers - smartpasses-v1.md §2, §4.5. Not repeatable.
    def create_person(self, draft: PersonDraft, *, timeout: float | None = None) -> CustomerRecord | None:
        """Create a customer; the record carries the address of the card. Refused here: `nothing_given`,
        `invalid_phone`."""
        return self._write("POST", wire.CUSTOMERS, _person(draft), wire.PERSON, timeout)

    # updateCustomer: PUT customers/{customerId} - smartpasses-v1.md §4.1, §4.2. Never with points.
    def update_person(
        self, remote_id: str, draft: PersonDraft, *, timeout: float | None = None
    ) -> CustomerRecord | None:
        """Change what is given. Refused here: `nothing_given`, `invalid_phone`."""
        segments = {"customer_id": remote_id}
        return self._write("PUT", wire.CUSTOMER, _person(draft), wire.PERSON, timeout, segments)

    # deleteCustomer: DELETE customers/{customerId} - smartpasses-v1.md §4.8. Permanent; the reply is not parsed.
    def delete_customer(self, remote_id: str, *, timeout: float | None = None) -> None:
        """Delete a customer for good. One that is gone already counts as deleted."""
        self._delete(wire.CUSTOMER, {"customer_id": remote_id}, timeout)

    # addPoints: POST customers/{customerId}/points/add - smartpasses-v1.md §4.1, §4.5. Not repeatable.
    def add_points(
        self, remote_id: str, points: int, *, timeout: float | None = None
    ) -> BalanceRecord | None:
        """Add points; returns the new balance. Refused here: `invalid_points` (nothing can be taken away)."""
        if points <= 0:
            raise _refused("invalid_points", "points")
        segments = {"customer_id": remote_id}
        reply = self._send_write("POST", wire.POINTS_ADD, wire.PointsBody(points), timeout, segments)
        row = row_written(reply, shape=wire.BALANCE, envelope=wire.ENVELOPE, path=wire.POINTS_ADD)
        values, _issues = wire.BALANCE.read(row or {}, self._zone)
        balance = values.get("points_balance")
        return None if balance is None else BalanceRecord(remote_id=remote_id, points_balance=balance)

    # createOffer: POST offers - smartpasses-v1.md §2, §4.5. Not repeatable; it begins as a draft.
    def create_offer(self, draft: OfferDraft, *, timeout: float | None = None) -> OfferRecord | None:
        """Create an offer. Refused here: `blank_name`, `invalid_points`."""
        if draft.points_cost is None:
            raise _refused("invalid_points", "points_cost")
        return self._write("POST", wire.OFFERS, _offer(draft, whole=True), wire.OFFER_SHAPE, timeout)

    # updateOffer: POST offers/{offerId} - smartpasses-v1.md §2.
    def update_offer(
        self, remote_id: str, draft: OfferDraft, *, timeout: float | None = None
    ) -> OfferRecord | None:
        """Change what is given. Refused here: `nothing_given`, `blank_name`, `invalid_points`."""
        segments = {"offer_id": remote_id}
        return self._write(
            "POST", wire.OFFER, _offer(draft, whole=False), wire.OFFER_SHAPE, timeout, segments
        )

    # publishOffer, cancelOffer: POST offers/{offerId}/… without a body - smartpasses-v1.md §4.4.
    def publish_offer(self, remote_id: str, *, timeout: float | None = None) -> OfferRecord | None:
        """Publish a draft."""
        return self._write("POST", wire.PUBLISH, None, wire.OFFER_SHAPE, timeout, {"offer_id": remote_id})

    def cancel_offer(self, remote_id: str, *, timeout: float | None = None) -> OfferRecord | None:
        """End a published offer."""
        return self._write("POST", wire.CANCEL, None, wire.OFFER_SHAPE, timeout, {"offer_id": remote_id})

    # deleteOffer: DELETE offers/{offerId} - smartpasses-v1.md §4.4. Only a draft.
    def delete_offer(self, remote_id: str, *, timeout: float | None = None) -> None:
        """Delete a draft. One that is gone already counts as deleted."""
        self._delete(wire.OFFER, {"offer_id": remote_id}, timeout)

    def _delete(self, path: str, segments: dict[str, str], timeout: float | None) -> None:
        try:
            self._send_write("DELETE", path, None, timeout, segments)
        except Refused as refused:
            if refused.status != 404:
                raise

    def _write(
        self,
        method: str,
        path: str,
        body: msgspec.Struct | None,
        shape: Shape[R],
        timeout: float | None,
        segments: dict[str, str] | None = None,
    ) -> R | None:
        reply = self._send_write(method, path, body, timeout, segments)
        row = row_written(reply, shape=shape, envelope=wire.ENVELOPE, path=path)
        return shape.read_record(row, self._zone)[0]

    def _send_write(
        self,
        method: str,
        path: str,
        body: msgspec.Struct | None,
        timeout: float | None,
        segments: dict[str, str] | None = None,
    ) -> Reply:
        call = Call(
            method=method,
            path=path,
            segments=self._program | (segments or {}),
            body=None if body is None else encode_body(body),
            repeatable=False,
            timeout=timeout,
        )
        try:
            return self._send(call)
        except Refused as refused:
            if refused.status == 404:
                refused.code = "not_found"
            raise

    def _send(self, call: Call) -> Reply:
        """403 means that the key is not accepted (`smartpasses-v1.md` §1)."""
        try:
            return self._transport.send(call)
        except Refused as refused:
            if refused.status != 403:
                raise
            end: ApiError = NotAllowed(f"{call.path}: the key is refused", refused.reference, "credentials")
        raise end


def _refused(code: str, field: str) -> Refused:
    return Refused(f"refused before sending: {code}", code=code, fields={field: []})


def _person(draft: PersonDraft) -> wire.PersonBody:
    given = {name: value for name, value in msgspec.structs.asdict(draft).items() if value is not None}
    if not given:
        raise _refused("nothing_given", "first_name")
    if draft.phone and not wire.is_e164(draft.phone):
        raise _refused("invalid_phone", "phone")
    return wire.PersonBody(**given)


def _offer(draft: OfferDraft, *, whole: bool) -> wire.OfferBody:
    given = {name: value for name, value in msgspec.structs.asdict(draft).items() if value is not None}
    if not given:
        raise _refused("nothing_given", "name")
    if (whole or draft.name is not None) and not (draft.name or "").strip():
        raise _refused("blank_name", "name")
    if draft.points_cost is not None and draft.points_cost < 0:
        raise _refused("invalid_points", "points_cost")
    return wire.OfferBody(**given)
