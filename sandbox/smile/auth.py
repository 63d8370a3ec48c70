"""Credentials: a key is all there is, and it decides the edition. Source: contract smile-v1 §1 and README §4."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CURRENT, OLD = "smile-current", "smile-2017"


@dataclass(frozen=True)
class Credential:
    """A key of the sandbox: the edition it speaks and the account it opens."""

    key: str
    profile: str
    account: int


CREDENTIALS = {
    credential.key: credential
    for credential in (
        Credential("sandbox_smile_current", CURRENT, 1),
        Credential("sandbox_smile_2017", OLD, 2),
    )
}


def credential_of(environ: Mapping[str, Any]) -> Credential | None:
    """The credential of a request's `Authorization: Bearer` header; None when it is missing or unknown."""
    scheme, _, key = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    return CREDENTIALS.get(key.strip()) if scheme.lower() == "bearer" else None
