"""The calls of the SmartPOS feed: sales and customers in the order of change, machines as a whole.

Names come from `wire`, time limits, repeats and the pace from `transport`. It must not know Django, storage or screens.
Nothing here changes anything at the bridge, so every call may be repeated.

Document: `contracts/smartpos.md` §2.2; the feed is our own contract, as the vendor publishes none.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from smartbis_admin.api.bearer import BearerTokens, ask_for_token
from smartbis_admin.api.capabilities import Capability, Reading
from smartbis_admin.api.encode import encode_body
from smartbis_admin.api.errors import CursorExpired, Misconfigured, Refused
from smartbis_admin.api.ports import Pace, Token, TokenStore
from smartbis_admin.api.pos import FeedPage, PosCustomerRecord, PosMachineRecord, PosSaleRecord
from smartbis_admin.api.probes import PROBE_ROWS, probe_of
from smartbis_admin.api.records import Probe
from smartbis_admin.api.refusals import read_refusal
from smartbis_admin.api.smartpos import wire
from smartbis_admin.api.transport import AccountClient, Call, Reply, Timeouts, Transport

#: Seconds at the most for the token call and for a probe: a lock or a person waits.
SHORT = 8.0
#: Zone of times that are sent without one (`contracts/README.md` §3.2).
HOME = ZoneInfo("America/Sao_Paulo")


class SmartPosClient(AccountClient):
    """One account of the bridge. Safe to share between threads; `close()` frees its connections.

    Every call raises the family of `api.errors`, and no `InDoubt`. A row that cannot be read is a `BadRow` of
    its page and never costs the others.
    """

    provider = "smartpos"
    capabilities = frozenset({Capability.POS_FEED})

    def __init__(
        self,
        *,
        base_url: str,
        client_id: str,
        client_secret: str,
        tokens: TokenStore,
        pace: Pace,
        zone: ZoneInfo = HOME,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._id = client_id
        self._secret = client_secret
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

    # POST v1/authorize - smartpos.md §2.2. Goes without Bearer; repeating it does no harm.
    def fetch_token(self) -> Token:
        """Exchange the pair for a token; `NotAllowed` for a wrong pair, `Misconfigured` for nonsense."""
        body = wire.AuthorizeBody(client_id=self._id, client_secret=self._secret)
        call = Call(
            method="POST",
            path=wire.AUTHORIZE,
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

    # GET v1/sales - smartpos.md §2.2. By change, oldest first: a sale that changes comes again.
    def sales(self, *, cursor: str | None, limit: int = wire.MAX_LIMIT) -> FeedPage[PosSaleRecord]:
        """Sales after `cursor` (None: from the beginning), at most `limit` (1-500).

        Raises `CursorExpired` when the bridge no longer knows the cursor: go on without one.
        """
        query = {wire.Q_LIMIT: str(min(max(limit, 1), wire.MAX_LIMIT))}
        return self._feed(Reading.POS_SALES, cursor, query)

    # GET v1/machines - smartpos.md §2.2. Always whole.
    def machines(self) -> FeedPage[PosMachineRecord]:
        """Every machine; there is no further page."""
        return self._feed(Reading.POS_MACHINES, None, {})

    # GET v1/customers - smartpos.md §2.2.
    def customers(self, *, cursor: str | None) -> FeedPage[PosCustomerRecord]:
        """Customers of the bridge after `cursor` (None: from the beginning). Raises `CursorExpired`."""
        return self._feed(Reading.POS_CUSTOMERS, cursor, {})

    def probe(self, resource: Reading) -> Probe:
        """Read the beginning of a list and say what was recognised. Raises like any read."""
        query = {wire.Q_LIMIT: str(PROBE_ROWS)} if resource is Reading.POS_SALES else {}
        path, shape = wire.READINGS[resource]
        reply = self._get(path, query, timeout=SHORT)
        return probe_of(
            reply, wire.read_rows(reply.body, shape, self._zone, reference=reply.reference), shape
        )

    def _feed(self, reading: Reading, cursor: str | None, query: dict[str, str]) -> FeedPage[Any]:
        path, shape = wire.READINGS[reading]
        if cursor is not None:
            query |= {wire.Q_CURSOR: cursor}
        reply = self._get(path, query)
        return wire.read_feed(reply.body, shape, self._zone, cursor=cursor, reference=reply.reference)

    def _get(self, path: str, query: dict[str, str], timeout: float | None = None) -> Reply:
        call = Call(method="GET", path=path, query=query, repeatable=True, timeout=timeout)
        try:
            return self._transport.send(call)
        except (Refused, Misconfigured) as error:
            if error.status != 410:
                raise
            expired = CursorExpired(f"{path}: the cursor is too old", error.reference, "cursor")
        raise expired
