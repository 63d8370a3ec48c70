"""What the till shows of its scans and of its surroundings. Reads only; knows no words and no request."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Till
from smartbis_admin.sync.services import data_age
from vouchers.codes import till_connections
from vouchers.models import Redemption

#: How many scans the till lists.
RECENT = 20


def shown_scans() -> QuerySet[Redemption]:
    """Scans with everything a verdict reads."""
    return Redemption.objects.select_related(
        "cashier",
        "write",
        "voucher__customer",
        "winner__cashier",
        "winner__store",
        "winner__till__store",
    )


def one_scan() -> QuerySet[Redemption]:
    """The same for a single scan: hardly any has a winner, so that one is read only where it is there."""
    rows = Redemption.objects.select_related("cashier", "write", "voucher__customer")
    return rows.prefetch_related("winner__cashier", "winner__store", "winner__till__store")


def recent_scans(till: Till) -> list[Redemption]:
    """The till's latest scans, newest first."""
    return list(shown_scans().filter(till=till)[:RECENT])


@dataclass(frozen=True)
class Surroundings:
    """What the cashier must know beside the verdict."""

    #: Scans of this till whose outcome is still unknown, …
    open_count: int
    #: … of those, the ones accepted in contingency that the platform was not asked about yet.
    contingency_count: int
    #: When the vouchers were last read completely; None: never.
    data_age: datetime | None
    #: Whether the latest call to a platform failed, or one is stopped.
    is_platform_down: bool

    @property
    def asked_count(self) -> int:
        """Scans the platform was asked about, and whose outcome is still unknown."""
        return self.open_count - self.contingency_count


def surroundings(till: Till) -> Surroundings:
    """How things stand around this till right now."""
    scans = Redemption.objects.filter(till=till, state__in=Redemption.UNDECIDED).aggregate(
        open=Count("pk"), contingency=Count("pk", filter=Q(state=Redemption.State.CONTINGENCY))
    )
    return Surroundings(
        open_count=scans["open"],
        contingency_count=scans["contingency"],
        data_age=data_age(None, Resource.VOUCHERS),
        is_platform_down=any(map(_is_down, till_connections())),
    )


def _is_down(connection: Connection) -> bool:
    if connection.blocked_at:
        return True
    failed, answered = connection.last_error_at, connection.last_ok_at
    return failed is not None and (answered is None or answered < failed)
