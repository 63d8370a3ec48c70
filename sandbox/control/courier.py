"""What vendors send to us: signed, posted, tried again until it is taken. Knows no vendor.

A letter is what a vendor wants to say; its delivery leaves when it is due by the sandbox's clock and comes back
after growing waits on anything but 2xx. Letters about the same thing never overtake one another, unless a fault
says so. By itself the courier delivers with a few threads; a switch holds it, and then a test lets things go one
by one. Everything lives in memory and ends with the process, as clock, faults and log do.
"""

import heapq
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import requests

from sandbox.control.clock import clock, rfc3339
from sandbox.control.faults import faults
from sandbox.control.switches import switches

WAITING, DONE, ABANDONED, LOST = "waiting", "done", "abandoned", "lost"
SENDING, AUTO, HELD = "sending", "auto", "held"
WAITS = (5, 15, 60, 300, 900)
LONGEST_WAIT = 3600
MOST_ATTEMPTS = 10
LATE_SECONDS = 60
OLD_SECONDS = 600
TOO_MUCH = 1024 * 1024 + 1
PATIENCE_SECONDS = 15
WORKERS = 8
HISTORY = 5_000
_LOOK_SECONDS = 0.05
JSON = "application/json"

#: Headers that prove a body at a time (seconds); the last argument asks for a wrong proof.
Sign = Callable[[bytes, int, bool], Mapping[str, str]]


@dataclass(frozen=True)
class Letter:
    """What a vendor wants to tell an address of ours; `subjects` are what it is about."""

    vendor: str
    credential: str
    event: str
    url: str
    body: bytes
    sign: Sign
    subjects: frozenset[str] = frozenset()

    def belongs(self, whose: tuple[str, str]) -> bool:
        """Whether it is a letter of a vendor's credential."""
        return (self.vendor, self.credential) == whose


@dataclass
class Delivery:
    """A letter on its way, and how it went so far."""

    number: int
    letter: Letter
    due_at: float
    state: str = WAITING
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """The delivery as plain data."""
        return {
            "number": self.number,
            "event": self.letter.event,
            "url": self.letter.url,
            "state": self.state,
            "due_at": rfc3339(int(self.due_at)),
            "attempts": self.attempts,
        }


@dataclass(frozen=True)
class Envelope:
    """One request as it goes over the wire."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Courier:
    """The deliveries of all vendors; safe to use from many threads."""

    def __init__(self) -> None:
        self._state = threading.Condition()
        self._numbers = count(1)
        self._heap: list[tuple[float, int, Delivery]] = []
        self._under_way: dict[int, Delivery] = {}
        self._over: deque[Delivery] = deque(maxlen=HISTORY)
        self._local = threading.local()
        self._runs = False

    def put(self, letter: Letter, due_at: float | None = None) -> None:
        """Take a letter; without a time it is due now."""
        with self._state:
            due = clock.instant() if due_at is None else due_at
            self._push(Delivery(next(self._numbers), letter, due))
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, daemon=True).start()
            self._state.notify_all()

    def rows(self, vendor: str, credential: str) -> list[dict[str, Any]]:
        """The deliveries of a credential, oldest first; of those that are over, the last few thousand."""
        with self._state:
            known = [*self._over, *self._under_way.values(), *(entry[2] for entry in self._heap)]
            mine = [one for one in known if one.letter.belongs((vendor, credential))]
            return [one.row() for one in sorted(mine, key=lambda one: one.number)]

    def deliver(self, vendor: str, credential: str) -> list[dict[str, Any]]:
        """Send what is due, one after another, and wait for what is under way; gives the deliveries tried."""
        tried: list[dict[str, Any]] = []
        whose = vendor, credential
        while True:
            for delivery in self._take(1, whose):
                self._attempt(delivery)
                tried.append(delivery.row())
            with self._state:
                now = clock.instant()
                due = (entry[2] for entry in self._heap if entry[0] <= now)
                if not any(one.letter.belongs(whose) for one in (*due, *self._under_way.values())):
                    return tried
                if self._under_way:
                    self._state.wait(_LOOK_SECONDS)

    def take(self, vendor: str, credential: str) -> list[tuple[str, Envelope]]:
        """Hand out what is due, as events and requests, instead of sending it."""
        handed = []
        while taken := self._take(1, (vendor, credential)):
            [delivery] = taken
            envelopes = self._envelopes(delivery)
            handed += [(delivery.letter.event, envelope) for envelope in envelopes or ()]
            self._settle(delivery, DONE if envelopes else delivery.state)
        return handed

    def forget(self, vendor: str) -> None:
        """Drop everything of a vendor; what is under way is not tried again."""
        with self._state:
            self._heap = [entry for entry in self._heap if entry[2].letter.vendor != vendor]
            heapq.heapify(self._heap)
            for number in [key for key, one in self._under_way.items() if one.letter.vendor == vendor]:
                del self._under_way[number]
            kept = [one for one in self._over if one.letter.vendor != vendor]
            self._over = deque(kept, maxlen=HISTORY)
            self._state.notify_all()

    def _run(self) -> None:
        with ThreadPoolExecutor(WORKERS) as workers:
            while True:
                taken = self._take(WORKERS, None)
                for delivery in taken:
                    workers.submit(self._attempt, delivery)
                with self._state:
                    if not taken:
                        self._state.wait(_LOOK_SECONDS if self._heap else None)

    def _take(self, most: int, whose: tuple[str, str] | None) -> list[Delivery]:
        """Take out what is due, oldest first: of one credential, or of all that are not held.

        What is about the same thing as an earlier one waits until that is over.
        """
        with self._state:
            now = clock.instant()
            busy = {subject for one in self._under_way.values() for subject in one.letter.subjects}
            taken: list[Delivery] = []
            kept = []
            while self._heap and self._heap[0][0] <= now and len(taken) < most:
                if whose is None and len(self._under_way) >= WORKERS:
                    break
                entry = heapq.heappop(self._heap)
                letter = entry[2].letter
                mine = _free(letter) if whose is None else letter.belongs(whose)
                if mine and busy.isdisjoint(letter.subjects):
                    taken.append(entry[2])
                    self._under_way[entry[1]] = entry[2]
                else:
                    kept.append(entry)
                busy |= letter.subjects
            for entry in kept:
                heapq.heappush(self._heap, entry)
            return taken

    def _attempt(self, delivery: Delivery) -> None:
        envelopes = self._envelopes(delivery)
        wait = 0
        for envelope in envelopes or ():
            status, wait = self._post(envelope)
            delivery.attempts.append({"at": rfc3339(clock.now()), "status": status})
        if not envelopes or 200 <= (delivery.attempts[-1]["status"] or 0) < 300:
            self._settle(delivery, DONE if envelopes else delivery.state)
        elif len(delivery.attempts) >= MOST_ATTEMPTS:
            self._settle(delivery, ABANDONED)
        else:
            waits = (*WAITS, LONGEST_WAIT)
            pause = max(wait, waits[min(len(delivery.attempts), len(waits)) - 1])
            delivery.due_at = clock.instant() + pause
            self._settle(delivery, WAITING)

    def _envelopes(self, delivery: Delivery) -> list[Envelope]:
        """The requests of one attempt: one, two or none, as a waiting fault wants it."""
        letter = delivery.letter
        kind = faults.take(vendor=letter.vendor, method="POST", paths=(letter.event,), outgoing=True)
        if kind == "hook_lost":
            delivery.state = LOST
            return []
        if kind == "hook_late":
            delivery.due_at = clock.instant() + LATE_SECONDS
            return []
        body = letter.body
        if kind == "hook_oversized":
            # Blanks behind the object leave it what it was.
            body += b" " * max(0, TOO_MUCH - len(body))
        elif kind == "hook_cut":
            text = body.decode()
            body = text[: len(text) // 2].encode()
        at = clock.now() - (OLD_SECONDS if kind == "hook_old" else 0)
        proof = letter.sign(body, at, kind == "hook_bad_signature")
        headers = {"Content-Type": "text/plain" if kind == "hook_text" else JSON, **proof}
        return [Envelope(letter.url, headers, body)] * (2 if kind == "hook_twice" else 1)

    def _post(self, envelope: Envelope) -> tuple[int | None, int]:
        """Status, None without an answer, and how many seconds the answer asks to wait."""
        try:
            reply = self._http().post(
                envelope.url,
                data=envelope.body,
                headers=dict(envelope.headers),
                timeout=PATIENCE_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException:
            return None, 0
        asked = reply.headers.get("Retry-After", "")
        return reply.status_code, int(asked) if asked.isascii() and asked.isdigit() else 0

    def _http(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            # A proxy of the surroundings has no business on loopback.
            session.trust_env = False
        return session

    def _settle(self, delivery: Delivery, state: str) -> None:
        with self._state:
            delivery.state = state
            # What was forgotten meanwhile stays forgotten.
            if self._under_way.pop(delivery.number, None):
                if state == WAITING:
                    self._push(delivery)
                else:
                    # How it went is kept, what it said is not: thousands of them would fill the memory.
                    delivery.letter = replace(delivery.letter, body=b"")
                    self._over.append(delivery)
            self._state.notify_all()

    def _push(self, delivery: Delivery) -> None:
        heapq.heappush(self._heap, (delivery.due_at, delivery.number, delivery))


def _free(letter: Letter) -> bool:
    way = switches.get(vendor=letter.vendor, credential=letter.credential, name=SENDING, default=AUTO)
    return way == AUTO


courier = Courier()
