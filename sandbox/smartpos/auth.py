"""Credentials and tokens. A token carries its client and its end, signed, so that it outlives a restart.

Source: contract smartpos.md §2.2. Pure except for the randomness.
"""

import hashlib
import hmac
import secrets

LIFETIME = 3600
CLIENT_SECRET = "sandbox-secret"  # noqa: S105
#: Accounts by client.
CLIENTS = {"sandbox-pos": 1, "sandbox-pos-second": 2}
_SIGNING = b"sandbox smartpos tokens"


def make_token(*, client: str, now: int) -> str:
    """A new token of a client."""
    content = f"{client}.{now + LIFETIME}.{secrets.token_hex(6)}"
    return f"pos.{content}.{_signature(content)}"


def client_of(header: str, *, now: int) -> str | None:
    """The client of an `Authorization` header whose token still counts."""
    scheme, _, token = header.partition(" ")
    mark, _, rest = token.strip().partition(".")
    content, _, signature = rest.rpartition(".")
    # Compared as bytes: a foreign token may hold any character.
    ours = hmac.compare_digest(signature.encode("utf-8", "replace"), _signature(content).encode())
    if scheme.lower() != "bearer" or mark != "pos" or not ours:
        return None
    client, ends_at, _ = content.split(".")
    return client if now < int(ends_at) else None


def _signature(content: str) -> str:
    return hmac.new(_SIGNING, content.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]
