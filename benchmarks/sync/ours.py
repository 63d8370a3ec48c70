"""Our own run, as a worker makes it, and the same run again with nothing changed."""

import os

import django
from way import report, timed

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartbis_admin.settings")
django.setup()

from django.db import connection as database  # noqa: E402

from smartbis_admin.connections.models import Connection  # noqa: E402
from smartbis_admin.sync.engine import execute, request_run, runs  # noqa: E402
from smartbis_admin.sync.models import SyncRun  # noqa: E402

writes = 0


def note(run_statement, sql, parameters, many, context):
    """Count the statements that write to the mirror's table."""
    global writes
    head = sql.lstrip().split("WHERE")[0]
    writes += '"customers_customer"' in head and head.startswith(("INSERT", "UPDATE", "DELETE"))
    return run_statement(sql, parameters, many, context)


def sync() -> int:
    run = request_run(
        connection=Connection.objects.get(), resource="customers", trigger=SyncRun.Trigger.COMMAND
    )
    if not runs.claim(run):
        raise SystemExit("the run could not be claimed")
    execute(run)
    run.refresh_from_db()
    if run.state != SyncRun.State.DONE:
        raise SystemExit(f"the run ended {run.state} ({run.reason} {run.cause})")
    return run.rows_seen


rows, spent = timed(sync)
with database.execute_wrapper(note):
    _rows, again = timed(sync)
report(rows, spent, again_seconds=again[0], again_cpu=again[1], unchanged_writes=writes)
