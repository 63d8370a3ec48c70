"""What must hold whatever happens: nothing lost, nothing doubled, no false "valid", no false refusal.

Compares what the tills were shown and what our rows say with the platform's log; changes nothing.
"""

from collections import Counter
from collections.abc import Mapping

from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import CLOCK_TOLERANCE
from tests.till.chaos.world import Scan, Use, World
from vouchers.contingency.following import STATES
from vouchers.contingency.models import ContingencyUse
from vouchers.models import Redemption
from vouchers.redemption import WAITING_FOR_ANOTHER
from vouchers.till.shift_summary import summarise

State = Redemption.State
#: What a scan may be whose call took effect.
ADMITTED = (State.PENDING, State.IN_DOUBT, State.VALID)


def check(world: World) -> None:
    """Everything that must hold after each step."""
    rows = {row.pk: row for row in Redemption.objects.select_related("write", "winner")}
    effects = {scan.id: sum(effect for _code, effect in scan.calls) for scan in world.scans.values()}
    nothing_doubled(world, rows)
    for scan in world.scans.values():
        row = rows.get(scan.id)
        nothing_lost(scan, row)
        if row is not None:
            no_false_refusal(row, effects[scan.id])
            what_was_handed_over_is_followed(scan, row)
            no_false_valid(world, scan, row, effects)
            the_loser_reads_who(row)


def nothing_doubled(world: World, rows: Mapping[object, Redemption]) -> None:
    """One effect and one holder per voucher, and no scan that asked twice after an answer that counted."""
    effects = Counter(code for scan in world.scans.values() for code, effect in scan.calls if effect)
    assert all(count == 1 for count in effects.values()), f"consumed twice: {effects}"
    holders = Counter(row.code for row in rows.values() if row.state in Redemption.HOLDING)
    assert all(count == 1 for count in holders.values()), f"held twice: {holders}"


def nothing_lost(scan: Scan, row: Redemption | None) -> None:
    """A scan that was answered, or that asked the platform, has its row; only a look and a death leave none."""
    verdicts = [kind for kind in scan.answers if kind not in ("dead", "look")]
    if verdicts or scan.calls:
        nothing_asked = not scan.calls and scan.confirms
        assert row is not None or nothing_asked, f"lost: {scan}"
    if row is not None and scan.calls:
        assert row.write is not None, f"asked without an intent: {scan}"


def no_false_refusal(row: Redemption, effects: int) -> None:
    """A scan whose own call consumed the voucher is never told that it did not."""
    by_person = row.write is not None and row.write.state == Write.State.ABANDONED
    admitted = row.state in ADMITTED or not effects
    assert admitted or by_person, f"consumed by us and {row.state} ({row.reason})"


def no_false_valid(world: World, scan: Scan, row: Redemption, effects: Mapping[object, int]) -> None:
    """ "Valid" was shown and is stored only where this very write consumed the voucher."""
    if row.state == State.VALID and not effects[row.pk]:
        assert indistinguishable(row, world.uses.get(row.code)), f"valid without an effect: {scan} {row.code}"
        world.tally.seen_as_ours.add(row.pk)
    repeats = row.reason == "repeated_scan" and row.winner is not None and row.winner.state == State.VALID
    if "valid" in scan.answers:
        assert row.state == State.VALID or repeats, f"shown as valid: {scan} {row.state}"


def indistinguishable(row: Redemption, use: Use | None) -> bool:
    """Whether the evidence cannot tell a use elsewhere from ours: at the same time, or at no known time.

    `smartbis-v2.md` §4.2 settles both as done.
    """
    write = row.write
    if use is None or write is None or write.settled_reason != "evidence":
        return False
    if use.at is None:
        return True
    sent = write.sent_at or write.created_at
    return sent - CLOCK_TOLERANCE <= use.at <= (write.gave_up_at or sent) + CLOCK_TOLERANCE


def the_loser_reads_who(row: Redemption) -> None:
    """A scan that lost names the one that won, of the same voucher, and agrees with it."""
    if row.winner is None:
        assert row.reason not in (*WAITING_FOR_ANOTHER, "repeated_scan")
        return
    winner = row.winner
    assert row.code == winner.code
    assert row.state not in Redemption.HOLDING, f"{row.state} and lost to {winner.state}"
    assert row.write is None or row.road or row.write.state == Write.State.NOT_SENT
    if row.reason in WAITING_FOR_ANOTHER:
        assert winner.state in Redemption.UNDECIDED, f"told to wait for {winner.state}"
    elif row.state == State.USED and row.reason in ("repeated_scan", "voucher_used"):
        assert winner.state in (State.VALID, State.USED), f"lost to {winner.state}"
    elif not winner.road:
        # Once told that nothing happened, it stays told; what was then accepted without a link is another story.
        outcome, its = (row.state, row.reason), (winner.state, winner.reason)
        assert outcome == its, f"{outcome} ({row.road}), and lost to {its}"


def what_was_handed_over_is_followed(scan: Scan, row: Redemption) -> None:
    """A benefit given in contingency has its acceptance, which stands where the scan stands."""
    use = ContingencyUse.objects.filter(pk=row.pk).first()
    assert (use is not None) == bool(row.road)
    if use is not None:
        assert use.state == STATES.get(State(row.state), ContingencyUse.State.CONFLICT)
    if "contingency" in scan.answers:
        assert use is not None or row.winner is not None, f"accepted and forgotten: {scan}"


def check_end(world: World) -> None:
    """After calm came: every scan has a verdict, or waits for a person; every scan is counted once."""
    assert not Write.objects.filter(state=Write.State.PENDING).exists()
    assert not Write.objects.filter(state=Write.State.IN_DOUBT, needs_person=False).exists()
    opened = Redemption.objects.filter(state__in=Redemption.UNDECIDED)
    in_doubt = Write.objects.filter(state=Write.State.IN_DOUBT)
    assert set(opened.values_list("write", flat=True)) == set(in_doubt.values_list("pk", flat=True))
    assert summarise(Redemption.objects.all()).total == Redemption.objects.count()
    assert set(Redemption.objects.values_list("pk", flat=True)) <= set(world.scans)
