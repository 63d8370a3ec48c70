"""What becomes of an acceptance when its scan gets an outcome. Called where the outcome is set; asks nobody."""

from django.utils import timezone

from vouchers.contingency.models import ContingencyUse
from vouchers.models import Redemption

State = ContingencyUse.State
#: State of the scan -> state of the acceptance; every other one is a conflict.
STATES = {
    Redemption.State.CONTINGENCY: State.WAITING,
    Redemption.State.PENDING: State.SENDING,
    Redemption.State.IN_DOUBT: State.IN_DOUBT,
    Redemption.State.VALID: State.CONFIRMED,
}


def follow(scan: Redemption) -> None:
    """Bring the acceptance of a scan to where the scan is. To be called inside the transaction that moved it.

    A conflict gets its owner here: the manager who released.
    """
    use = ContingencyUse.objects.select_related("release").get(pk=scan.pk)
    use.state = STATES.get(Redemption.State(scan.state), State.CONFLICT)
    if use.state == State.CONFLICT:
        use.conflict_at, use.told_at = timezone.now(), None
        use.owner_id = use.release.manager_id if use.release else None
    use.save(update_fields=["state", "conflict_at", "told_at", "owner"])
