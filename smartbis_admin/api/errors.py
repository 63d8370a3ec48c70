"""The error family of every vendor call, sorted by what the caller may do next.

| error           | did the platform act?     | what the caller may do next                        |
|-----------------|---------------------------|----------------------------------------------------|
| `Unreachable`   | no (a write never left)   | try again later, by itself                         |
| `RateLimited`   | no                        | wait `retry_after` seconds, then try again         |
| `NotAllowed`    | no                        | stop this connection's traffic, tell a person      |
| `Misconfigured` | no                        | stop, a person corrects address or settings        |
| `Malformed`     | a read answered nonsense  | not retried; the connection has a fault            |
| `Refused`       | no, and it said why       | show the reason next to what was asked             |
| `InDoubt`       | unknown (writes only)     | never send again; settle by evidence or a person   |
| `CursorExpired` | no                        | begin the feed again, without a cursor             |

Source: `smartbis-v2.md` §3 (status codes) and §4.1 (what a reply means for a write).
Messages are for logs and hold no personal data; words for people are made by the screens from the
class and `code`, except `Refused.message`, which is the vendor's own text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(eq=False)
class ApiError(Exception):
    """Anything a vendor call can end in, other than its result."""

    message: str = ""
    #: Short id of the call, printed in its log line and shown to people as the reference.
    reference: str = ""
    #: One word for the cause, for a screen that wants a clear sentence: `name_lookup`, `refused`,
    #: `connect_timeout`, `tls`, `timeout`, `broken`, `too_large`, `server`; `not_json`, `cut`,
    #: `unexpected`; `plain_http`, `address`, `redirect`, `not_found`, `status`; `credentials`; `scope`, or
    #: `scope:` and the right that is missing, in the platform's word. Empty when
    #: there is none.
    reason: str = ""

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class Unreachable(ApiError):
    """No usable answer, and for a write also: the request never left."""


@dataclass(eq=False)
class RateLimited(ApiError):
    """Refused before acting because of the pace."""

    #: Seconds to wait before the next call.
    retry_after: float = 2.0


@dataclass(eq=False)
class NotAllowed(ApiError):
    """The credentials are not accepted, also after one renewal of the token."""


@dataclass(eq=False)
class Misconfigured(ApiError):
    """The address does not speak the API (redirect, 404 or 405 without a JSON error, plain http)."""

    #: HTTP status of the answer; 0 when there was none.
    status: int = 0


@dataclass(eq=False)
class Malformed(ApiError):
    """A read was answered with something that is not what the contract describes."""


@dataclass(eq=False)
class Refused(ApiError):
    """The platform understood the request and said no; nothing changed there.

    `code` is one of our words (`voucher_used`, `customer_duplicate_cpf`, … or `unknown`).
    """

    code: str = "unknown"
    #: Our field name -> the vendor's sentences about it.
    fields: Mapping[str, list[str]] = field(default_factory=dict)
    #: When the voucher was used, with `voucher_used`, if the vendor says.
    used_at: datetime | None = None
    #: HTTP status of the answer; 0 when we refused it ourselves and nothing left.
    status: int = 0
    #: The vendor's own id of the call, where it gives one, for its support.
    vendor_reference: str = ""


@dataclass(eq=False)
class InDoubt(ApiError):
    """A write left and its effect is unknown.

    `alert` names a finding a person must look at, e.g. `dry_run` when a validation answered that
    the voucher is still issued.
    """

    alert: str = ""


@dataclass(eq=False)
class CursorExpired(ApiError):
    """The platform no longer knows the place in a feed it once gave us (`smartpos.md` §2.2)."""
