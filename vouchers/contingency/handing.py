"""Handing over what was accepted in contingency: one after the other, in the order of acceptance.

Each is a safe write: it never leaves twice, a lost answer is in doubt, and one that did not leave stops
the queue of its connection until the next try. Source: `docs/contingency.md`.
"""

import uuid

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from smartbis_admin.connections.models import Connection
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import SubjectBusyError, reopen, send
from vouchers.contingency.following import follow
from vouchers.contingency.models import ContingencyUse
from vouchers.models import Redemption
from vouchers.redemption import open_validation, voucher_of

log = structlog.get_logger(__name__)
State = ContingencyUse.State
TASK = "vouchers.contingency.tasks.hand_over"
#: States only an answer of the platform leads to.
ANSWERED = (Redemption.State.VALID, Redemption.State.USED, Redemption.State.REFUSED)
#: Seconds after which an unheard doorbell is void; the schedule rings every 15.
DOORBELL_LIFE = 15


def hand_over_all() -> int:
    """Hand over what waits on every active connection; returns how many got an answer."""
    waiting = ContingencyUse.objects.filter(state=State.WAITING).order_by().values("redemption__connection")
    return sum(map(hand_over, Connection.objects.filter(is_active=True, pk__in=waiting)))


def hand_over(connection: Connection) -> int:
    """Hand over what waits on a connection until none is left, one does not leave, or somebody else does it.

    Returns how many left.
    """
    count = 0
    while True:
        try:
            write = _claim(connection)
        except SubjectBusyError:
            # A write on the voucher that no scan holds: settled soon, and then it is its turn.
            log.warning("contingency_busy", connection=connection.pk)
            return count
        if write is None or send(write).state == Write.State.NOT_SENT:
            return count
        count += 1


@transaction.atomic
def _claim(connection: Connection) -> Write | None:
    """Open the write of the oldest that waits. None: nothing waits, or another process is at it.

    One in flight at a time keeps the order; a process that died is noticed by the ledger.
    """
    Connection.objects.select_for_update().get(pk=connection.pk)
    uses = ContingencyUse.objects.filter(redemption__connection=connection)
    if uses.filter(state=State.SENDING).exists():
        return None
    use = uses.filter(state=State.WAITING).order_by("accepted_at", "position", "pk").first()
    if use is None:
        return None
    scan = Redemption.objects.select_for_update(of=("self",)).select_related(
        "connection", "cashier", "store", "till", "write"
    ).get(pk=use.pk)  # fmt: skip
    write = scan.write
    if write is not None and write.state == Write.State.NOT_SENT:
        write = reopen(write)
    else:
        # The scan's own id, unless a write of that id has come to an end: that one never leaves again.
        write_id = scan.pk if write is None else uuid.uuid4()
        write = open_validation(scan, voucher_of(scan), write_id=write_id)
    scan.write, scan.state, scan.reason = write, Redemption.State.PENDING, ""
    scan.save(update_fields=["write", "state", "reason"])
    follow(scan)
    return write


def ring_when_back(scan: Redemption, connection: Connection | None) -> None:
    """Ring for the hand-over when the platform answered a scan on a connection that was failing when it was read."""
    if (
        connection is None
        or connection.pk != scan.connection_id
        or scan.write_id is None
        or scan.state not in ANSWERED
    ):
        return
    failed, answered = connection.last_error_at, connection.last_ok_at
    if failed is None or (answered is not None and answered > failed):
        return
    try:
        current_app.send_task(TASK, expires=DOORBELL_LIFE, retry=False)
    except (OperationalError, OSError):
        log.warning("doorbell_failed", connection=connection.pk, exc_info=True)
