"""What the owner changes about stores and tills, each change in the audit trail."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from smartbis_admin.staff.models import PastPolicy, Store, Till, User
from smartbis_admin.staff.services import audit
from smartbis_admin.staff.shifts import close_shifts_of

#: Columns of a store that say what its tills may accept without a link -> those of `PastPolicy`.
POLICY = {
    "contingency": "mode",
    "contingency_max_value": "max_value",
    "contingency_max_per_hour": "max_per_hour",
    "contingency_needs_pin": "needs_pin",
}


@transaction.atomic
def save_store(store: Store, *, by: User, changed: list[str]) -> Store:
    """Store a new or changed store; the contingency policy it had is kept. One taken out of use ends the
    shifts open there."""
    is_new = store.pk is None
    if not is_new and not POLICY.keys().isdisjoint(changed):
        before = Store.objects.values(*POLICY).get(pk=store.pk)
        kept = {past: before[now] for now, past in POLICY.items()}
        PastPolicy.objects.create(store=store, until=timezone.now(), **kept)
    store.save()
    if not store.is_active:
        close_shifts_of(store.tills.all(), by=by)
    _note("store", store.pk, is_new, by, changed)
    return store


@transaction.atomic
def save_till(till: Till, *, by: User, changed: list[str]) -> Till:
    """Store a new or changed till. One taken out of use ends the shift open there."""
    is_new = till.pk is None
    till.save()
    if not till.is_active:
        close_shifts_of(Till.objects.filter(pk=till.pk), by=by)
    _note("till", till.pk, is_new, by, changed)
    return till


def _note(what: str, pk: Any, is_new: bool, by: User, changed: list[str]) -> None:
    action = f"{what}.created" if is_new else f"{what}.changed"
    if is_new or changed:
        audit(actor=by, action=action, subject=f"{what}:{pk}", changed=sorted(changed))
