"""How long what a file brought is kept: its rows hold names, CPFs and phones and are of no use for ever.

What stays is the import itself, who sent it, and how many rows ended how; and the ledger, so that a row sent
once is still never sent twice.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from customers.imports.models import Import, ImportFile, ImportRow
from customers.imports.services import count_rows
from smartbis_admin.staff.services import audit

State, RowState = Import.State, ImportRow.State
#: Rows somebody still waits for keep their import whole.
_UNSETTLED = (RowState.IN_DOUBT, RowState.SENDING, RowState.READY)


def erase_old(now: datetime | None = None) -> int:
    """Erase the rows of imports over for `IMPORT_DAYS`, and those never sent after as long. How many."""
    before = (now or timezone.now()) - timedelta(days=settings.IMPORT_DAYS)
    kept = Import.objects.filter(erased_at=None, created_at__lt=before)
    over = kept.filter(state=State.DONE, finished_at__lt=before)
    never_sent = kept.filter(state__in=[State.MAPPING, State.CHECKED], started_at=None)
    return sum([_erase(batch) for batch in over]) + sum([_discard(batch) for batch in never_sent])


@transaction.atomic
def _erase(batch: Import) -> bool:
    if batch.rows.filter(state__in=_UNSETTLED).exists():
        return False
    counts = {state: rows for state, rows in count_rows(batch).items() if rows}
    mine = Import.objects.filter(pk=batch.pk, state=State.DONE, erased_at=None)
    if not mine.update(erased_at=timezone.now(), summary=counts, sample=[]):
        return False
    batch.rows.all().delete()
    ImportFile.objects.filter(batch=batch).delete()
    audit(actor=None, action="import.erased", subject=f"import:{batch.pk}", rows=sum(counts.values()))
    return True


@transaction.atomic
def _discard(batch: Import) -> bool:
    """As a person would discard it: nothing of it was sent."""
    mine = Import.objects.filter(pk=batch.pk, state=batch.state, started_at=None, worker=None)
    if not mine.update(state=State.MAPPING):
        return False
    batch.rows.all().delete()
    ImportFile.objects.filter(batch=batch).delete()
    Import.objects.filter(pk=batch.pk).delete()
    audit(actor=None, action="import.erased", subject=f"import:{batch.pk}")
    return True
