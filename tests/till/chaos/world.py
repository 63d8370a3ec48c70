"""One shop, its tills and its platform, as the chaos machine moves them: tills that post scans like the page
does, a clock both sides share, processes that die at any statement, and the sandbox's log read back.

Owns what is done to the world and what was seen of it; what must hold is `truth.py`.
"""

import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.apps import apps
from django.db import connection as database
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sandbox.testing import SandboxFailed, SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection, WireState
from smartbis_admin.connections.services import replace_credentials
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.staff.shifts import open_shift
from smartbis_admin.sync import jobs
from smartbis_admin.writes import settling
from smartbis_admin.writes.models import Write
from tests.till.chaos.tally import Tally
from vouchers import refining
from vouchers.contingency.handing import hand_over_all
from vouchers.models import Redemption, Voucher, VoucherFlag

NOWHERE = "http://127.0.0.1:9/smartbis/v2/"
#: Applications whose rows are of one life; people, places and the connection stay.
LIVED = ("contingency", "vouchers", "writes", "customers", "sync")
#: Seconds a `slow` reply is on its way after its effect.
SLOW = 3


class Killed(BaseException):
    """The process is dead: nothing it would still have done happens."""


class Death:
    """Database hook that lets a process die at its n-th statement: that one and all later ones fail."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise Killed
        return execute(*args)


@contextmanager
def dying(at: int | None) -> Iterator[None]:
    """Let what runs inside die at its n-th statement (None: never); its connection goes with it."""
    if at is None:
        yield
        return
    try:
        with database.execute_wrapper(Death(at)):
            yield
    except Killed:
        database.close()
        # Whoever dies renewing the token is waited for until its lease ends, in a time that stands still for ever.
        WireState.objects.update(renewing_until=None)
        raise


@dataclass
class Scan:
    """One scan as a till made it, and every answer the till got to it."""

    id: uuid.UUID
    text: str
    till: int
    confirms: bool = False
    answers: list[str] = field(default_factory=list)
    #: Validation calls of this scan that reached the platform: the code in capitals, and whether it took effect.
    calls: list[tuple[str, bool]] = field(default_factory=list)


@dataclass
class Use:
    """A voucher used behind our back; `at` None: the platform does not say when."""

    at: datetime | None


class World:
    """See the module's paragraph. `begin` starts a life, the rest happens in it."""

    def __init__(
        self,
        *,
        sandbox: SandboxServer,
        connection: Connection,
        cashiers: list[User],
        manager: User,
        tally: Tally,
        clock: time_machine.Traveller,
    ) -> None:
        self.sandbox, self.connection, self.manager = sandbox, connection, manager
        self.tally, self._clock = tally, clock
        self._base_url, self._credentials = connection.base_url, dict(connection.credentials)
        self._start = timezone.now().replace(microsecond=0)
        rules = {"look_above": 100, "lock_after_minutes": 30_000}
        accepts = {
            "contingency": Store.Contingency.ACCEPT,
            "contingency_max_value": 50,
            "contingency_max_per_hour": 3,
            "contingency_needs_pin": False,
        }
        stores = [
            Store.objects.create(name="Centro", **rules, **accepts),
            Store.objects.create(name="Norte", **rules),
        ]
        self.tills = [
            Till.objects.create(store=stores[n % 2], name=f"Caixa {n}") for n in range(len(cashiers))
        ]
        self.clients = [
            self._stand(till, cashier) for till, cashier in zip(self.tills, cashiers, strict=True)
        ]
        self._pool = ThreadPoolExecutor(len(cashiers))
        self.scans: dict[uuid.UUID, Scan] = {}
        self.codes: list[str] = []
        self.uses: dict[str, Use] = {}
        self.skew = timedelta()
        self._read = 0
        self._slow: dict[int, float] = {}

    @staticmethod
    def _stand(till: Till, cashier: User) -> Client:
        client = Client()
        client.force_login(cashier, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["till"] = till.pk
        session.save()
        open_shift(till=till, cashier=cashier)
        return client

    def end(self) -> None:
        """Let the tills' threads go."""
        all_there = threading.Barrier(len(self.tills))

        def leave(_till: Till) -> None:
            # One thread alone might do it for all.
            all_there.wait(60)
            connections.close_all()

        list(self._pool.map(leave, self.tills))
        self._pool.shutdown()

    # --- A life -----------------------------------------------------------------------------------------
    def begin(self, skew: int) -> None:
        """Everything as on the first day, the platform's clock `skew` seconds ahead of ours."""
        self.skew = timedelta(seconds=skew)
        self._clock.move_to(self._start)
        self.sandbox.reset("empty")
        self._set_platform_clock()
        tables = [model._meta.db_table for app in LIVED for model in apps.get_app_config(app).get_models()]
        # Their foreign keys are checked at the end.
        with transaction.atomic(), database.cursor() as cursor:
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")
        self._no_pace()
        self.platform_up()
        for client in self.clients:
            session = client.session
            session.pop("look", None)
            session.save()
        self.scans, self.codes, self.uses = {}, [], {}
        self._read, self._slow = 0, {}
        self.tally.lives += 1

    @staticmethod
    def _no_pace() -> None:
        """Calls need not wait for places that were reserved in a time that stands still."""
        WireState.objects.update(next_call_at=0)

    def _set_platform_clock(self) -> None:
        self.sandbox.clock(timezone.now() + self.skew)

    def advance(self, seconds: float) -> None:
        """Time passes on both sides."""
        self._clock.shift(seconds)
        self._set_platform_clock()

    def platform_down(self) -> None:
        """Nothing listens where the platform was."""
        Connection.objects.filter(pk=self.connection.pk).update(base_url=NOWHERE)

    def platform_up(self) -> None:
        """The platform is there, and a person has seen to refused credentials."""
        Connection.objects.filter(pk=self.connection.pk).update(base_url=self._base_url)
        self.connection.refresh_from_db()
        replace_credentials(connection=self.connection, by=self.manager, credentials=self._credentials)

    def issue(self, code: str, **how: Any) -> None:
        """A voucher at the platform, not yet in the mirror."""
        self.sandbox.act("issue_voucher", code=code, **how)
        self.codes.append(code)

    def act(self, action: str, code: str, **how: Any) -> bool:
        """Change a voucher behind our back; False where the platform would not."""
        try:
            self.sandbox.act(action, code=code, **how)
        except SandboxFailed:
            return False
        return True

    def use_elsewhere(self, code: str, at: str) -> None:
        """Somebody uses the voucher elsewhere: `now`, an hour `ago`, or the platform is `silent` on when."""
        moment = timezone.now() + self.skew - (timedelta(hours=1) if at == "ago" else timedelta())
        used_at = None if at == "silent" else moment
        if self.act("use_voucher", code, used_at=used_at and used_at.isoformat()):
            self.uses[code.upper()] = Use(used_at)

    def read_mirror(self) -> None:
        """The nightly reading of the vouchers."""
        jobs.sync_everywhere(Resource.VOUCHERS)
        self._no_pace()

    def flag(self, code: str) -> None:
        """A manager marks a voucher to be looked at first, where the mirror knows it."""
        voucher = Voucher.objects.filter(remote_id=code).first()
        if voucher:
            VoucherFlag.objects.get_or_create(voucher=voucher, defaults={"flagged_by": self.manager})

    # --- Tills ------------------------------------------------------------------------------------------
    def scan(self, scan: Scan, *, dies_at: int | None = None) -> str:
        """Post a scan as the till's page does; gives the kind of verdict shown, `dead` when nothing came."""
        self.scans[scan.id] = scan
        kind = self._post(scan, dies_at)
        self._read_log([scan])
        return kind

    def scan_together(self, scans: list[Scan]) -> None:
        """Scans of different tills at the same moment."""
        self.scans |= {scan.id: scan for scan in scans}
        list(self._pool.map(lambda scan: self._post(scan, None), scans))
        self._read_log(scans)

    def _post(self, scan: Scan, dies_at: int | None, **more: str) -> str:
        body = {"scan": str(scan.id), "code": scan.text} | ({"confirm": "1"} if scan.confirms else {}) | more
        try:
            with dying(dies_at):
                answer = self.clients[scan.till].post(
                    reverse("vouchers:till_scan"), body, headers={"HX-Request": "true"}
                )
        except Killed:
            kind = "dead"
        else:
            html = answer.content.decode()
            found = re.search(r'data-kind="(\w+)"', html)
            assert answer.status_code == 200, f"{answer.status_code} {answer.headers} {html[:400]}"
            assert found, html[:400]
            kind = found[1]
        scan.answers.append(kind)
        self.tally.add("shown", kind)
        return kind

    def accept(self, scan: Scan, *, dies_at: int | None = None) -> None:
        """Say yes to the question whether to accept in contingency."""
        self._post(scan, dies_at, contingency="1")
        self._read_log([scan])

    def deliver(self, scans: list[Scan], *, accepted: bool, ago: int) -> None:
        """What a till without a link read, handed over by its page, all of one till."""
        moment = timezone.now()
        till = self.tills[scans[0].till]
        item = {
            "happened_at": (moment - timedelta(seconds=ago)).isoformat(),
            "shown": "accepted" if accepted else "refused",
            "shift": till.shifts.get().pk,
        }
        items = [
            item | {"id": str(scan.id), "code": scan.text, "position": number}
            for number, scan in enumerate(scans)
        ]
        answer = self.clients[scans[0].till].post(
            reverse("contingency:delivery"),
            {"sent_at": moment.isoformat(), "items": items},
            content_type="application/json",
        )
        assert answer.status_code == 200, answer.content[:400]
        for scan, receipt in zip(scans, answer.json()["items"], strict=True):
            if receipt["state"] != "rejected":
                self.scans.setdefault(scan.id, scan)
                scan.answers.append(receipt["verdict"]["kind"])
            self.tally.add("delivered", receipt["state"] + (" accepted" if accepted else ""))
        self._read_log(scans)

    def _read_log(self, scans: Iterable[Scan]) -> None:
        """Add the validation calls that came since the last look to the scans that made them."""
        among = [scan.id for scan in scans]
        for row in self._new_calls():
            code = row["path"].partition("/vouchers/")[2].removesuffix("/validate").upper()
            sent = Redemption.objects.filter(pk__in=among, code=code, write__attempts=1)
            # The clock stands still while anything happens.
            owners = list(sent.filter(write__sent_at=timezone.now()).values_list("pk", "state"))
            assert owners, f"a call without a committed intent: {row}"
            # Of several scans at one moment the call that took effect is the one's that does not deny it; where
            # all deny it, that shows.
            owner = next((pk for pk, state in owners if state in Redemption.HOLDING), owners[0][0])
            self.scans[owner].calls.append((code, row["committed"]))
            fault = row["fault"] or "none"
            self.tally.add("calls by fault", f"{fault}{' (effect)' if row['committed'] else ''}")

    def _new_calls(self) -> list[dict[str, Any]]:
        """Validation calls that came since the last look, once all are over that a till gave up on."""
        deadline = time.monotonic() + 60
        while True:
            rows, now = self.sandbox.log(), time.monotonic()
            for number in range(self._read, len(rows)):
                if rows[number]["fault"] == "slow":
                    self._slow.setdefault(number, now)
            leaving = sum(now - seen < SLOW for seen in self._slow.values())
            if self.sandbox.state()["in_flight"] <= leaving:
                break
            assert now < deadline, "the platform still works on a call"
        new, self._read = rows[self._read :], len(rows)
        return [row for row in new if row["method"] == "POST" and row["path"].endswith("/validate")]

    # --- Jobs and people ----------------------------------------------------------------------------------
    def run_jobs(self, *, dies_at: int | None = None) -> None:
        """What the workers do every quarter of a minute."""
        try:
            with dying(dies_at):
                settling.notice_dead_processes()
                for write_id in settling.due_ids():
                    settling.look(write_id)
                    self._no_pace()
                refining.refine_due()
                hand_over_all()
        except Killed:
            self.tally.add("deaths", "job")
        self._no_pace()
        self._read_log(self.scans.values())

    def decide(self, write: Write, *, gives_up: bool = False) -> None:
        """The manager looks into the platform's panel and settles a write by what it truly did."""
        did = any(effect for _code, effect in self.scans[write.redemption.pk].calls)
        state = Write.State.DONE if did else Write.State.NOT_DONE
        if gives_up:
            state = Write.State.ABANDONED
        settling.settle_by_person(write=write, state=state, by=self.manager, reason="Conferido no painel")
        self.tally.add("decided by a person", state.value)
