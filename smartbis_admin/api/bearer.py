"""Access tokens of an account: when they are renewed, how they are asked for, and what a token reply says.

Knows the shared store through its port; names in a token reply come from the vendor's `wire`. Sources:
`smartbis-v2.md` §1, `smartpos.md` §2.2.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from smartbis_admin.api.decode import NOT_JSON, VALUE
from smartbis_admin.api.errors import ApiError, Malformed, Misconfigured, NotAllowed, Refused
from smartbis_admin.api.ports import Token, TokenStore
from smartbis_admin.api.transport import Call, Reply, Transport

#: A token is renewed this long before its end.
RENEW_EARLY = timedelta(seconds=60)
#: A longer life is not believed; renewing once a day costs nothing.
LONGEST_LIFE = timedelta(days=1)
#: For so many seconds a token is used without looking whether another process has replaced it; one that is
#: refused meanwhile is renewed like any other.
TRUSTED_FOR = 2.0

#: Value, lifetime and absolute end in a token reply, as far as it says. Raises `ValueError`, `TypeError`.
TokenReader = Callable[[object, ZoneInfo], tuple[str, timedelta | None, datetime | None]]


class BearerTokens:
    """`Authorization: Bearer …` from the shared store, renewed shortly before its end and after a 401."""

    def __init__(self, tokens: TokenStore, fetch: Callable[[], Token]) -> None:
        self._tokens = tokens
        self._fetch = fetch
        #: The token last used, and when it was last looked at (monotonic seconds).
        self._last: tuple[Token, float] | None = None

    def header(self, rejected: str | None) -> tuple[str, str]:
        """The header to send; see `transport.Auth`."""
        now = time.monotonic()
        last = self._last
        if rejected is None and last is not None and now - last[1] < TRUSTED_FOR and _is_fresh(last[0]):
            token = last[0]
        else:
            token = self._from_store(rejected)
            self._last = token, now
        return "Authorization", f"Bearer {token.value}"

    def _from_store(self, rejected: str | None) -> Token:
        if rejected is not None:
            return self._tokens.renew(rejected.removeprefix("Bearer "), self._fetch)
        stored = self._tokens.get()
        if stored is not None and _is_fresh(stored):
            return stored
        return self._tokens.renew(None, self._fetch)


def _is_fresh(token: Token) -> bool:
    return token.expires_at - RENEW_EARLY > datetime.now(UTC)


def ask_for_token(
    transport: Transport, call: Call, *, read: TokenReader, default_lifetime: timedelta, zone: ZoneInfo
) -> Token:
    """Make a token call; `NotAllowed` for a wrong pair, `Misconfigured` for nonsense."""
    try:
        reply = transport.send(call)
    except Refused as refused:
        end: ApiError = NotAllowed(f"{call.path}: the pair is refused", refused.reference, "credentials")
    except Malformed as malformed:
        end = Misconfigured(malformed.message, malformed.reference, malformed.reason)
    else:
        return _token_in(reply, call.path, read, default_lifetime, zone)
    raise end


def _token_in(
    reply: Reply, path: str, read: TokenReader, default_lifetime: timedelta, zone: ZoneInfo
) -> Token:
    """The token a reply carries, with its true end."""
    now = datetime.now(UTC)
    try:
        value, lifetime, end = read(VALUE.decode(reply.body), zone)
    except (TypeError, *NOT_JSON):
        value = ""
    if not value:
        raise Misconfigured(f"{path}: the reply holds no token", reply.reference, "unexpected")
    if lifetime is None and end is not None:
        # Against the platform's own clock, so that ours being wrong does not matter.
        lifetime = end - (reply.date or now)
    return Token(value, now + min(lifetime or default_lifetime, LONGEST_LIFE))
