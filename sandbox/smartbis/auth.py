"""Credentials and tokens. A token carries its credential and its end, signed, so that it outlives a restart.

Source: contract smartbis-v2 §1 and README §4. Pure except for the clock.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sandbox.smartbis.wire import BARE, ITEMS, LARAVEL, Profile

LIFETIME = 3600
API_SECRET = "sandbox-secret"  # noqa: S105
_SIGNING = b"sandbox smartbis tokens"


@dataclass(frozen=True)
class Credential:
    """A key of the sandbox: its wire profile and the account it opens."""

    key: str
    profile: Profile
    account: int


CREDENTIALS = {
    credential.key: credential
    for credential in (
        Credential("sandbox-laravel", LARAVEL, 1),
        Credential("sandbox-bare", BARE, 2),
        Credential("sandbox-items", ITEMS, 3),
    )
}


@dataclass(frozen=True)
class Token:
    """What a token says: whose it is and when it ends, in seconds since the epoch."""

    credential: Credential
    ends_at: int


def make_token(*, credential: Credential, now: int) -> str:
    """A new token of a credential."""
    content = f"{credential.key}.{now + LIFETIME}.{secrets.token_hex(6)}"
    return f"sbx.{content}.{_signature(content)}"


def read_token(text: str) -> Token | None:
    """What a token says, whether or not it has ended; None when it is not ours."""
    mark, _, rest = text.partition(".")
    content, _, signature = rest.rpartition(".")
    # Compared as bytes: a foreign token may hold any character.
    if mark != "sbx" or not hmac.compare_digest(
        signature.encode("utf-8", "replace"), _signature(content).encode()
    ):
        return None
    key, ends_at, _ = content.split(".")
    return Token(CREDENTIALS[key], int(ends_at))


def bearer(header: str | None) -> str:
    """The token of an `Authorization` header, or empty text."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _signature(content: str) -> str:
    return hmac.new(_SIGNING, content.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]
