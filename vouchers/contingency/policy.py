"""What a store allowed at some moment, and whether one acceptance keeps to it. Reads only; knows no request."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from smartbis_admin.staff.models import PastPolicy, Shift, Store, Till
from vouchers.contingency.models import ContingencyRelease, ContingencyUse
from vouchers.models import Voucher

Breach = ContingencyUse.Breach
#: The limit counts acceptances of any span of this length.
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Policy:
    """What the tills of a store may accept without a link."""

    accepts: bool
    #: BRL a voucher may be worth; None: nothing is accepted.
    max_value: Decimal | None
    #: For each till.
    max_per_hour: int
    needs_pin: bool

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, amounts as text with two decimals."""
        return {
            "mode": str(Store.Contingency.ACCEPT if self.accepts else Store.Contingency.REFUSE),
            "max_value": None if self.max_value is None else f"{self.max_value:.2f}",
            "max_per_hour": self.max_per_hour,
            "needs_pin": self.needs_pin,
        }


def policy_of(store: Store, at: datetime | None = None) -> Policy:
    """The policy of a store, now or as it was at a moment."""
    past = at and PastPolicy.objects.filter(store=store, until__gt=at).order_by("until", "pk").first()
    if past:
        accepts = past.mode == Store.Contingency.ACCEPT
        return Policy(accepts, past.max_value, past.max_per_hour, past.needs_pin)
    return Policy(
        store.contingency == Store.Contingency.ACCEPT,
        store.contingency_max_value,
        store.contingency_max_per_hour,
        store.contingency_needs_pin,
    )


def release_at(shift: Shift, at: datetime | None = None) -> ContingencyRelease | None:
    """The release of a shift that was in force at a moment (now without one); None: there was none."""
    at = at or timezone.now()
    if shift.closed_at is not None and shift.closed_at < at:
        return None
    in_force = Q(revoked_at=None) | Q(revoked_at__gt=at)
    releases = ContingencyRelease.objects.filter(in_force, shift=shift, at__lte=at, until__gt=at)
    return releases.select_related("manager").order_by("-until").first()


def accepted_since(till: Till, at: datetime) -> list[datetime]:
    """When this till accepted vouchers within the policy in the hour before `at`, oldest first."""
    uses = ContingencyUse.objects.filter(till=till, breach="", accepted_at__gt=at - HOUR, accepted_at__lte=at)
    return list(uses.order_by("accepted_at").values_list("accepted_at", flat=True))


@dataclass(frozen=True)
class Mode:
    """What the till of a shift would do now if a link went down."""

    policy: Policy
    release: ContingencyRelease | None

    @property
    def name(self) -> str:
        """`refuse`, `locked` (a manager has to release it first) or `accept`."""
        if not self.policy.accepts:
            return "refuse"
        return "locked" if self.policy.needs_pin and self.release is None else "accept"


def mode_of(shift: Shift) -> Mode:
    """The mode of an open shift. Reads `till.store`."""
    policy = policy_of(shift.till.store)
    return Mode(policy, release_at(shift) if policy.accepts and policy.needs_pin else None)


def breach_of(
    *,
    policy: Policy,
    release: ContingencyRelease | None,
    voucher: Voucher | None,
    mirror_read_at: datetime | None,
    at: datetime,
) -> str:
    """What an acceptance at this moment breaks, other than the number an hour; empty: nothing.

    Whether the voucher was used elsewhere meanwhile is for the platform to say.
    """
    if not policy.accepts or policy.max_value is None or policy.max_per_hour == 0:
        return Breach.REFUSED
    if policy.needs_pin and release is None:
        return Breach.NO_RELEASE
    if mirror_read_at is None or at - mirror_read_at > settings.CONTINGENCY_MIRROR_AGE:
        return Breach.OLD_MIRROR
    if voucher is None:
        return Breach.UNKNOWN_CODE
    if voucher.status == Voucher.Status.UNKNOWN:
        return Breach.NOT_ISSUED
    if voucher.status_at(at) == Voucher.Status.EXPIRED:
        return Breach.EXPIRED
    if voucher.starts_at is not None and voucher.starts_at > at:
        return Breach.NOT_STARTED
    if voucher.value is None:
        return Breach.NO_AMOUNT
    if voucher.value > policy.max_value:
        return Breach.TOO_DEAR
    return ""
