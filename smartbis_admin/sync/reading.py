"""One row read at the platform because a person wants to know now, outside any walk.

Stores what it learns, whatever its age was before; concludes nothing from what it does not find.
"""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

from django.utils import timezone

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.api.records import Record
from smartbis_admin.api.walk import iterate
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for, note_error, note_ok
from smartbis_admin.sync.engine import spec_of, store_records
from smartbis_admin.sync.models import Mirrored

#: Pages of a short list that are read while a person waits.
MOST_PAGES = 4


def keep_reading(
    connection: Connection, resource: Resource, records: Sequence[Record], *, asked_at: datetime
) -> None:
    """Store what the platform said when it was asked at `asked_at`."""
    rows = store_records(connection, resource, records, known_at=asked_at)
    # Unchanged rows are not written, yet they are as young as this answer.
    young = spec_of(resource).rows(connection).filter(pk__in=[row.pk for row in rows], stored_at__lt=asked_at)
    young.update(stored_at=asked_at)


def read_in_list(row: Mirrored, resource: Resource) -> bool:
    """Look the row up in a list that is short, and say whether it was there. Raises the `ApiError` family."""
    connection, asked_at = row.connection, timezone.now()
    try:
        with closing(client_for(connection, interactive=True)) as client:
            for number, page in enumerate(iterate(client.walk(resource)), 1):
                found = [record for record in page.records if record.remote_id == row.remote_id]
                if found or number == MOST_PAGES:
                    break
    except ApiError as error:
        note_error(connection, error)
        raise
    note_ok(connection)
    keep_reading(connection, resource, found, asked_at=asked_at)
    return bool(found)
