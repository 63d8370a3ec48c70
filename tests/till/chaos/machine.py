"""The chaos machine: hypothesis chooses who scans what, what breaks, who dies and when time passes.

Owns the moves; the world they are made in is `world.py`, what must hold after each is `truth.py`.
"""

import uuid

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smartbis_admin.writes.models import Write
from tests.till.chaos import truth
from tests.till.chaos.world import Scan, World
from vouchers.models import Redemption
from vouchers.redemption import WAITING_FOR_ANOTHER

#: Every kind of fault a validation may meet; the two that cost seconds are drawn less often.
FAULTS = [
    *["drop_before", "drop_after", "error_before", "error_after", "html_502", "html_200"] * 3,
    *["truncate_200", "empty_200", "unauthorized", "rate_limit"] * 3,
    "stall_after",
    "slow",
]
LIST_FAULTS = ["drop_before", "error_before", "html_502", "html_200", "truncate_200", "empty_200", "unauthorized",
               "rate_limit", "ignore_paging", "drop_after", "error_after"]  # fmt: skip
#: How a code reaches the till: as printed, in small letters, without dashes, with look-alikes confused.
STYLES = {
    "printed": str,
    "small": str.lower,
    "bare": lambda code: code.replace("-", " "),
    "look-alike": lambda code: code.replace("0", "O").replace("1", "I"),
}
TILLS = 3
#: Times that matter: a repeat, the first look, the end of a repeat's window, a negative, a dead process.
SPANS = [1, 6, 12, 31, 61, 61, 130, 700, 3600]

tills = st.integers(0, TILLS - 1)
#: Which voucher, counted from the newest; the latest few are drawn more often.
picks = st.integers(0, 3) | st.integers(0, 40)
styles = st.sampled_from(sorted(STYLES))
#: None: no fault, and half of all calls meet none.
faults = st.none() | st.sampled_from(FAULTS)
#: Statement at which the process dies; a validation has about thirty.
deaths = st.integers(0, 9).flatmap(lambda n: st.integers(1, 45) if n == 0 else st.none())


class TillMachine(RuleBasedStateMachine):
    """One life of a shop. `world` outlives it and is begun anew."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.last = ""
        self.begun = False

    @initialize(skew=st.sampled_from([0, 0, -50, 50]))
    def begin(self, skew: int) -> None:
        world = self.world
        world.begin(skew)
        for n in range(4):
            world.issue(f"VALE-10{n}O", value="20.00")
        world.issue("CARO-0001", value="250.00")
        world.issue("USADO-001", value="5.00")
        world.issue("VENCE-001", value="5.00")
        world.issue("CEDO-0001", value="5.00", starts_at="2031-01-01")
        world.codes.append("NADA-0001")
        world.use_elsewhere("USADO-001", "ago")
        world.act("expire_voucher", "VENCE-001")
        world.read_mirror()
        self.begun = True

    def code(self, pick: int, style: str) -> str:
        self.last = STYLES[style](self.world.codes[-1 - pick % len(self.world.codes)])
        return self.last

    def step(self, name: str) -> None:
        self.world.tally.steps += 1
        self.world.tally.add("moves", name)

    def arm(self, fault: str | None, pick: int) -> None:
        if fault:
            # Once is survived where credentials or pace are refused; more is not.
            times = 1 + pick % 3 if fault in ("unauthorized", "rate_limit") else 1
            self.world.sandbox.fault(fault, method="POST", path="vouchers/*/validate", times=times)

    # --- At the tills -------------------------------------------------------------------------------------
    @rule(till=tills, pick=picks, style=styles, fault=faults, dies_at=deaths)
    def scan(self, till: int, pick: int, style: str, fault: str | None, dies_at: int | None) -> None:
        self.step("scan")
        self.arm(fault, pick)
        kind = self.world.scan(Scan(uuid.uuid4(), self.code(pick, style), till), dies_at=dies_at)
        if kind == "dead":
            self.world.tally.add("deaths", "scan")
        self.world.sandbox.clear_faults()

    @rule(till=tills, style=styles, fault=faults, dies_at=deaths)
    def scan_a_new_one(self, till: int, style: str, fault: str | None, dies_at: int | None) -> None:
        self.issue(zeros=style == "look-alike")
        self.scan(till=till, pick=0, style=style, fault=fault, dies_at=dies_at)

    @rule(till=tills, pick=picks)
    def scan_without_link(self, till: int, pick: int) -> None:
        self.step("scan without link")
        self.world.platform_down()
        self.world.scan(Scan(uuid.uuid4(), self.code(pick, "printed"), till))
        self.world.platform_up()

    @rule(till=tills)
    def scan_the_same(self, till: int) -> None:
        self.step("same code again")
        self.world.scan(Scan(uuid.uuid4(), self.last, till))

    @rule(
        text=st.sampled_from(["", "7", " - ", "A" * 65, "../..", "NÃO EXISTE", "%2e%2e", "52998224726"]),
        till=tills,
    )
    def scan_nonsense(self, text: str, till: int) -> None:
        self.step("nonsense")
        self.world.scan(Scan(uuid.uuid4(), text, till))

    @rule(pick=picks, dies_at=deaths)
    def send_again(self, pick: int, dies_at: int | None) -> None:
        """The page that got no answer sends the same scan again."""
        scans = list(self.world.scans.values())
        if scans:
            self.step("same scan sent again")
            self.world.scan(scans[-1 - pick % len(scans)], dies_at=dies_at)

    @rule(till=tills, fault=faults, pick=picks)
    def confirm_look(self, till: int, fault: str | None, pick: int) -> None:
        self.step("look confirmed")
        self.arm(fault, pick)
        self.world.scan(Scan(uuid.uuid4(), "", till, confirms=True))
        self.world.sandbox.clear_faults()

    @rule(pick=picks, fault=faults)
    def scan_together(self, pick: int, fault: str | None) -> None:
        self.step("three tills at once")
        self.arm(fault, pick)
        if pick % 2:
            self.issue(zeros=False)
            pick = 0
        code = self.code(pick, "printed")
        self.world.scan_together([Scan(uuid.uuid4(), code, till) for till in range(TILLS)])
        self.world.sandbox.clear_faults()

    # --- In contingency -----------------------------------------------------------------------------------
    @rule(till=tills, pick=picks, dies_at=deaths, fresh=st.booleans())
    def accept_in_contingency(self, till: int, pick: int, dies_at: int | None, fresh: bool) -> None:
        """The platform is not there; the cashier is asked, and says yes."""
        if fresh:
            self.issue(zeros=False)
            self.read_mirror()
            pick = 0
        self.step("accepted without the platform")
        self.world.platform_down()
        scan = Scan(uuid.uuid4(), self.code(pick, "printed"), till)
        if self.world.scan(scan) == "offer":
            self.world.accept(scan, dies_at=dies_at)
        self.world.platform_up()

    @rule(
        till=tills,
        picked=st.lists(picks, min_size=1, max_size=3),
        accepted=st.booleans(),
        ago=st.sampled_from(SPANS),
    )
    def deliver(self, till: int, picked: list[int], accepted: bool, ago: int) -> None:
        """A till without a link read these, and hands them over now."""
        self.step("delivered by a till")
        self.world.deliver(
            [Scan(uuid.uuid4(), self.code(pick, "printed"), till) for pick in picked],
            accepted=accepted,
            ago=ago,
        )

    @rule(pick=picks, accepted=st.booleans())
    def deliver_what_was_sent(self, pick: int, accepted: bool) -> None:
        """The answer to a scan got lost on its way to the till, which then went on without a link."""
        scans = [scan for scan in self.world.scans.values() if not scan.confirms]
        if scans:
            self.step("delivered again by a till")
            self.world.deliver([scans[-1 - pick % len(scans)]], accepted=accepted, ago=1)

    # --- Time, jobs and people ----------------------------------------------------------------------------
    @rule(seconds=st.sampled_from(SPANS))
    def advance(self, seconds: int) -> None:
        """Time passes, and a person sees to credentials that were refused."""
        self.step("time passes")
        self.world.advance(seconds)
        self.world.platform_up()

    @rule(seconds=st.sampled_from(SPANS), fault=st.none() | st.sampled_from(LIST_FAULTS), dies_at=deaths)
    def run_jobs(self, seconds: int, fault: str | None, dies_at: int | None) -> None:
        self.step("jobs")
        self.world.advance(seconds)
        if fault:
            self.world.sandbox.fault(fault, method="GET", path="vouchers")
        self.world.run_jobs(dies_at=dies_at)
        self.world.sandbox.clear_faults()

    @rule(pick=picks, gives_up=st.integers(0, 5).map(lambda n: n == 0))
    def a_person_decides(self, pick: int, gives_up: bool) -> None:
        writes = list(
            Write.objects.filter(state=Write.State.IN_DOUBT, needs_person=True).order_by("created_at")
        )
        if writes:
            self.step("a person decides")
            self.world.decide(writes[pick % len(writes)], gives_up=gives_up)

    @rule()
    def read_mirror(self) -> None:
        self.step("mirror read")
        self.world.read_mirror()

    @rule(pick=picks)
    def flag(self, pick: int) -> None:
        self.step("voucher flagged")
        self.world.flag(self.world.codes[-1 - pick % len(self.world.codes)])

    # --- Behind our back ----------------------------------------------------------------------------------
    @rule(zeros=st.booleans())
    def issue(self, zeros: bool) -> None:
        self.step("voucher issued")
        number = len(self.world.codes)
        self.world.issue(f"VALE-{'0' if zeros else 'O'}{number:03}", value="20.00")

    @rule(pick=picks, at=st.sampled_from(["now", "ago", "silent"]))
    def use_elsewhere(self, pick: int, at: str) -> None:
        self.step("used elsewhere")
        self.world.use_elsewhere(self.world.codes[-1 - pick % len(self.world.codes)], at)

    @rule(pick=picks, action=st.sampled_from(["expire_voucher", "cancel_voucher"]))
    def end_voucher(self, pick: int, action: str) -> None:
        self.step(action)
        self.world.act(action, self.world.codes[-1 - pick % len(self.world.codes)])

    # --- What must hold -------------------------------------------------------------------------------------
    @invariant()
    def the_truth(self) -> None:
        if self.begun:
            truth.check(self.world)

    def teardown(self) -> None:
        """Calm comes: faults end, the platform is there, time passes; then a person decides what is left."""
        if not self.begun:
            return
        world = self.world
        world.sandbox.clear_faults()
        world.platform_up()
        for _round in range(5):
            world.advance(700)
            world.run_jobs()
        truth.check(world)
        truth.check_end(world)
        for row in Redemption.objects.all():
            road = f" (contingency, {row.road})" if row.road else ""
            world.tally.add("verdicts", f"{row.state} {row.reason}".strip() + road)
        for write in Write.objects.filter(state=Write.State.IN_DOUBT):
            world.decide(write)
        truth.check(world)
        assert not Redemption.objects.filter(state__in=Redemption.UNDECIDED).exists()
        assert not Redemption.objects.filter(reason__in=WAITING_FOR_ANOTHER).exists()
