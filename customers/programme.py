"""The programme's rule as we believe it to be: changed by the owner, every version kept."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from customers.models import ProgrammeRule, RuleChange
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit

FIELDS = ("cashback_percent", "points_per_brl", "minimum_to_earn", "voucher_threshold")


@transaction.atomic
def change_rule(*, connection: Connection, values: Mapping[str, Decimal | None], by: User) -> bool:
    """Replace the rule of a connection; estimates use it from now on. False: it said that already.

    `values` names every one of `FIELDS`. A rule that was there before its first version was kept becomes
    one, so that nothing is lost.
    """
    _rule, is_new = ProgrammeRule.objects.get_or_create(connection=connection)
    rule = ProgrammeRule.objects.select_for_update().get(connection=connection)
    if not is_new and all(getattr(rule, name) == values[name] for name in FIELDS):
        return False
    if not is_new and not RuleChange.objects.filter(connection=connection).exists():
        RuleChange.objects.create(connection=connection, values=_as_text(rule.__dict__))
    for name in FIELDS:
        setattr(rule, name, values[name])
    rule.save()
    RuleChange.objects.create(connection=connection, by=by, values=_as_text(values))
    audit(actor=by, action="rule.changed", subject=f"connection:{connection.pk}")
    return True


def _as_text(values: Mapping[str, object]) -> dict[str, str | None]:
    return {name: None if values[name] is None else str(values[name]) for name in FIELDS}
