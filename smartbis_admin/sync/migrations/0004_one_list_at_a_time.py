from typing import Any

from django.db import migrations, models
from django.db.models.functions import Now


def stop_all_but_the_newest(apps: Any, schema_editor: Any) -> None:
    """Two lists of one connection may be running at this moment, which the new constraint forbids."""
    runs = apps.get_model("sync", "SyncRun").objects.using(schema_editor.connection.alias)
    running = runs.filter(state="running").order_by("connection", "-pk").values_list("connection", "pk")
    kept: set[int] = set()
    for connection, pk in running:
        if connection in kept:
            stopped = {"state": "failed", "reason": "interrupted", "position": None, "seen": None}
            runs.filter(pk=pk).update(finished_at=Now(), **stopped)
        kept.add(connection)


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0003_drift_of_a_row"),
    ]

    operations = [
        migrations.RunPython(stop_all_but_the_newest, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="syncrun", name="one_running_sync"),
        migrations.AddConstraint(
            model_name="syncrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "running")), fields=("connection",), name="one_running_sync"
            ),
        ),
    ]
