"""One door out for every vendor: time limits, pace, repeats of reads, renewal of the token, one log line.

Knows HTTP and the error family. It must not know any vendor's names, JSON shapes or records: the
vendor's module hands in how to recognise an error body. Nothing personal leaves through logs or
error texts: no query value, header, body, code, and no chained library error (those name the address).
Sources: `contracts/README.md` §3.4-3.6, `smartbis-v2.md` §1, §3 (status codes) and §4.1.
"""

import random
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Protocol

from smartbis_admin.api.errors import (
    InDoubt,
    Malformed,
    Misconfigured,
    NotAllowed,
    RateLimited,
    Refused,
    Unreachable,
)
from smartbis_admin.api.exchange import (
    Call,
    Exchange,
    Fault,
    Reply,
    Timeouts,
    http_date,
    is_server_trouble,
)
from smartbis_admin.api.ports import Pace

__all__ = ["AccountClient", "Auth", "Call", "Reply", "Timeouts", "Transport"]

#: Seconds before the 2nd, 3rd and 4th try of a read; up to a quarter is added by chance.
READ_WAITS = (0.5, 1.0, 2.0)
CHANCE = random.SystemRandom()
#: Seconds before the 2nd and 3rd try of a call that is told to slow down without being told how long; up to a
#: quarter is added by chance, or all processes of an account would come back at once.
SLOW_WAITS = (2.0, 2.0)
MAX_RETRY_AFTER = 60.0
#: A call without a limit of its own ends after this many read timeouts: four tries and the waits between.
PATIENCE = 5


class Auth(Protocol):
    """How a vendor's calls are authorised."""

    def header(self, rejected: str | None) -> tuple[str, str]:
        """The header to send; its value differs from `rejected`, the one a 401 was given for.

        Raises the error family when there is none to be had.
        """


class Transport:
    """Calls to one vendor account. Safe to share between threads.

    `read_error` turns the body of a 4xx into the `Refused` it describes, or None when it is not an
    error in the vendor's JSON. `sleep` is handed in so that tests do not wait.
    """

    def __init__(
        self,
        base_url: str,
        *,
        vendor: str,
        auth: Auth,
        pace: Pace,
        read_error: Callable[[bytes], Refused | None],
        timeouts: Timeouts,
        sleep: Callable[[float], None] = time.sleep,
        slow_waits: tuple[float, ...] = SLOW_WAITS,
    ) -> None:
        self._exchange = Exchange(base_url, vendor=vendor, timeouts=timeouts)
        self._auth = auth
        self._pace = pace
        self._read_error = read_error
        self._timeouts = timeouts
        self._sleep = sleep
        self._slow_waits = slow_waits

    def close(self) -> None:
        """Close the idle connections."""
        self._exchange.close()

    @property
    def clock_skew(self) -> float | None:
        """Seconds the vendor's clock is ahead of ours, from the latest reply; None before the first."""
        return self._exchange.clock_skew

    def send(self, call: Call) -> Reply:
        """Make a call and return its complete 2xx answer.

        Raises `Unreachable`, `RateLimited`, `NotAllowed`, `Misconfigured`, `Refused`, and for a call
        that is not repeatable also `InDoubt`, as in `smartbis-v2.md` §4.1. `Malformed` is raised for
        a read that is too large.
        """
        reference = secrets.token_hex(4)
        limits = self._timeouts
        ends = time.monotonic() + (call.timeout or limits.total or PATIENCE * limits.read)
        faults = slowed = attempt = 0
        rejected: str | None = None
        while True:
            authorization = self._auth.header(rejected) if call.authorised else None
            self._pace.wait()
            attempt += 1
            answer = self._exchange.attempt(
                call, authorization, reference=reference, number=attempt, ends=ends
            )
            if isinstance(answer, Fault) or is_server_trouble(answer.status):
                self._end_unless_repeatable(call, answer, reference)
                wait = READ_WAITS[min(faults, len(READ_WAITS) - 1)] * CHANCE.uniform(1, 1.25)
                faults += 1
                if faults > len(READ_WAITS) or time.monotonic() + wait >= ends:
                    reason = answer.reason if isinstance(answer, Fault) else "server"
                    raise Unreachable(f"{call.path}: no usable answer ({reason})", reference, reason)
            elif answer.status == HTTPStatus.UNAUTHORIZED:
                if rejected is not None or authorization is None:
                    raise NotAllowed(f"{call.path}: credentials not accepted", reference, "credentials")
                rejected = authorization[1]
                continue
            elif answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                last = slowed >= len(self._slow_waits)
                told = _retry_after(answer)
                steps = self._slow_waits
                wait = steps[min(slowed, len(steps) - 1)] * CHANCE.uniform(1, 1.25) if told is None else told
                slowed += 1
                self._pace.penalise(wait)
                if last or time.monotonic() + wait >= ends:
                    raise RateLimited(f"{call.path}: too fast", reference, retry_after=wait)
            else:
                return self._judge(call, answer)
            self._sleep(wait)

    def _end_unless_repeatable(self, call: Call, answer: Fault | Reply, reference: str) -> None:
        if call.repeatable:
            if isinstance(answer, Fault) and answer.reason == "too_large":
                raise Malformed(f"{call.path}: the reply is too large", reference, "too_large")
            return
        if isinstance(answer, Fault) and not answer.sent:
            raise Unreachable(f"{call.path}: not sent ({answer.reason})", reference, answer.reason)
        reason = answer.reason if isinstance(answer, Fault) else "server"
        raise InDoubt(f"{call.path}: sent, outcome unknown ({reason})", reference, reason)

    def _judge(self, call: Call, reply: Reply) -> Reply:
        """Sort a complete answer that is neither server trouble, 401 nor 429."""
        if reply.status < HTTPStatus.MULTIPLE_CHOICES:
            return reply
        if reply.status < HTTPStatus.BAD_REQUEST:
            raise Misconfigured(f"{call.path}: redirected", reply.reference, "redirect", reply.status)
        refusal = self._read_error(reply.body)
        if refusal is None:
            lost = reply.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
            raise Misconfigured(
                f"{call.path}: status {reply.status} without an error in JSON",
                reply.reference,
                "not_found" if lost else "status",
                reply.status,
            )
        refusal.reference, refusal.status = reply.reference, reply.status
        raise refusal


class AccountClient:
    """What every vendor's client of one account shares. Its constructor makes the transport its calls go through."""

    _transport: Transport

    def close(self) -> None:
        """Close the idle connections."""
        self._transport.close()

    @property
    def clock_skew(self) -> float | None:
        """Seconds the vendor's clock is ahead of ours, from its latest reply; None before the first."""
        return self._transport.clock_skew


def _retry_after(reply: Reply) -> float | None:
    """Seconds a 429 says to wait: seconds or an HTTP date, at most 60; None where it does not say.

    A date is read against the vendor's own clock where the reply names it.
    """
    text = reply.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_RETRY_AFTER)
    moment = http_date(text)
    if moment is None:
        return None
    seconds = (moment - (reply.date or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)
