"""How calls to one Smile.io account are made and what their replies mean, whichever call it is.

It must not know what is asked for: paths, bodies and shapes are handed in. Source: `contracts/smile-v1.md` §1, §5.
"""

import time
from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from smartbis_admin.api.encode import encode_body
from smartbis_admin.api.errors import Misconfigured, Refused
from smartbis_admin.api.listings import read_listing
from smartbis_admin.api.ports import Pace
from smartbis_admin.api.records import Record
from smartbis_admin.api.refusals import read_refusal
from smartbis_admin.api.replies import record_read, row_written
from smartbis_admin.api.shapes import Listing, Shape
from smartbis_admin.api.smile import wire
from smartbis_admin.api.static_key import StaticKey
from smartbis_admin.api.transport import AccountClient, Call, Reply, Timeouts, Transport

R = TypeVar("R", bound=Record)

#: Seconds before the 2nd to 4th try after a 429 without `Retry-After` (`smile-v1.md` §1).
SLOW_WAITS = (1.0, 2.0, 4.0)
#: Statuses of a refusal that may mean a balance that is too short; they differ by edition.
SHORT_BALANCE = frozenset({400, 402, 422})


class SmileAccount(AccountClient):
    """The door to one account, below the calls of `SmileClient`."""

    provider = "smile"

    def __init__(
        self,
        *,
        base_url: str,
        secret_key: str,
        pace: Pace,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._zone = ZoneInfo("UTC")
        #: Whether the account takes today's words of `include`; the older edition refuses them.
        self._includes = True
        self._transport = Transport(
            base_url,
            vendor=self.provider,
            auth=StaticKey(f"Bearer {secret_key}"),
            pace=pace,
            read_error=self._refusal,
            timeouts=timeouts,
            sleep=sleep,
            slow_waits=SLOW_WAITS,
        )

    def _list(self, path: str, query: dict[str, str]) -> Reply:
        try:
            return self._read(Call(method="GET", path=path, query=query, repeatable=True))
        except Refused as refused:
            if refused.status == 404:
                refused.code = "not_offered"
            raise

    def _read(self, call: Call) -> Reply:
        """Ask for what may come along, and without it where the account's edition refuses the words."""
        plain = {key: value for key, value in call.query.items() if key != wire.Q_INCLUDE}
        unadorned = msgspec.structs.replace(call, query=plain)
        if len(plain) == len(call.query) or not self._includes:
            return self._send(unadorned)
        try:
            return self._send(call)
        except Refused as refused:
            if refused.status != 400:
                raise
        reply = self._send(unadorned)
        # Only now is it known that the words were what was refused, and not the cursor beside them.
        self._includes = False
        return reply

    def _listing(self, reply: Reply, shape: Shape[R], number: int) -> Listing[R]:
        listing = read_listing(
            reply.body,
            shape=shape,
            envelope=wire.ENVELOPE,
            zone=self._zone,
            number=number,
            reference=reply.reference,
        )
        missing = listing.page.missing_fields - wire.EITHER
        return listing._replace(page=msgspec.structs.replace(listing.page, missing_fields=missing))

    def _one(
        self,
        path: str,
        segments: dict[str, str],
        shape: Shape[R],
        query: dict[str, str] | None = None,
        timeout: float | None = None,
    ) -> R | None:
        call = Call(
            method="GET", path=path, segments=segments, query=query or {}, repeatable=True, timeout=timeout
        )
        try:
            reply = self._read(call)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
        return record_read(reply, shape=shape, envelope=wire.ENVELOPE, zone=self._zone, path=path)

    def _write(
        self,
        path: str,
        body: msgspec.Struct,
        shape: Shape[R],
        timeout: float | None,
        *,
        spends: bool = False,
        segments: dict[str, str] | None = None,
    ) -> R | None:
        call = Call(
            method="POST",
            path=path,
            segments=segments or {},
            body=encode_body(body),
            repeatable=False,
            timeout=timeout,
        )
        try:
            reply = self._send(call)
        except Refused as refused:
            if spends and refused.status in SHORT_BALANCE:
                refused.code = "short_balance"
            elif refused.status == 404:
                refused.code = "not_found"
            raise
        row = row_written(reply, shape=shape, envelope=wire.ENVELOPE, path=path)
        return shape.read_record(row, self._zone)[0]

    def _send(self, call: Call) -> Reply:
        try:
            return self._transport.send(call)
        except Refused as refused:
            if refused.status != 403:
                raise
            scope = wire.scope_of(call.method, call.path)
            missing = Misconfigured(
                f"{call.path}: the key lacks {scope}", refused.reference, f"scope:{scope}"
            )
        raise missing

    def _refusal(self, body: bytes) -> Refused | None:
        refusal = read_refusal(body, shape=wire.ERRORS, zone=self._zone)
        if refusal is not None:
            refusal.vendor_reference = wire.request_id(body)
        return refusal
