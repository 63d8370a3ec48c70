"""Which entry of the ledger a row becomes. The id follows from what the row tells, so that the same row, in
whatever file and however often it is tried, is the same intent: the ledger sends it once.
"""

import uuid
from collections.abc import Iterable

from customers.imports.models import Import, ImportRow
from smartbis_admin.writes.models import Write

_NAMESPACE = uuid.UUID("6d5f9d1c-3f0e-4a53-9c55-0a2c6a1d7b11")
#: It is known that nothing happened: the row may be tried as a new intent.
_WITHOUT_EFFECT = (Write.State.REFUSED, Write.State.NOT_DONE)


def write_id(batch: Import, row: ImportRow, attempt: int = 0) -> uuid.UUID:
    """The ledger id of a row's n-th intent."""
    return uuid.uuid5(_NAMESPACE, f"{batch.connection_id}:{row.fingerprint}:{attempt}")


def first_write_ids(batch: Import, rows: Iterable[ImportRow]) -> dict[uuid.UUID, ImportRow]:
    """The first intents of these rows."""
    return {write_id(batch, row): row for row in rows}


def next_intent(batch: Import, row: ImportRow) -> tuple[uuid.UUID, Write | None]:
    """The intent to make or to look at: the first that is new, or that may have had an effect."""
    attempt = 0
    while True:
        planned = write_id(batch, row, attempt)
        write = Write.objects.filter(pk=planned).first()
        if write is None or write.state not in _WITHOUT_EFFECT:
            return planned, write
        attempt += 1
