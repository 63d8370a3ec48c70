"""What the rule said before it had versions of its own, and every change of it, become dated versions."""

from datetime import timedelta
from decimal import Decimal

from django.db import migrations

FIELDS = ("cashback_percent", "points_per_brl", "minimum_to_earn", "voucher_threshold")


def _terms(values):
    found = {name: None if values.get(name) is None else Decimal(str(values[name])) for name in FIELDS}
    for name in FIELDS[:3]:
        found[name] = found[name] or Decimal(0)
    return found


def take_over(apps, schema_editor):
    Version = apps.get_model("rules", "RuleVersion")
    rules = apps.get_model("customers", "ProgrammeRule").objects.select_related("connection")
    for rule in rules.order_by("pk"):
        changes = apps.get_model("customers", "RuleChange").objects.filter(connection=rule.connection_id)
        versions = []
        for change in changes.order_by("at", "pk"):
            moment = change.at
            if not versions and change.by_id is None:
                # Noted when the first change was made; it held since the connection was there.
                moment = min(moment, rule.connection.created_at)
            if versions and moment <= versions[-1].valid_from:
                moment = versions[-1].valid_from + timedelta(microseconds=1)
            versions.append(
                Version(
                    connection_id=rule.connection_id,
                    valid_from=moment,
                    created_at=change.at,
                    created_by_id=change.by_id,
                    **_terms(change.values),
                )
            )
        if not versions:
            moment = rule.connection.created_at
            terms = _terms({name: getattr(rule, name) for name in FIELDS})
            versions.append(
                Version(connection_id=rule.connection_id, valid_from=moment, created_at=moment, **terms)
            )
        Version.objects.bulk_create(versions)


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_versions"), ("customers", "0006_consent_by_channel")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
