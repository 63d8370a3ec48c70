"""What a kind of file brings along: how its rows are compared with what we know, and what each becomes.

A room that has a kind registers it in its own `import_kinds.py`, together with its fields (`fields.FIELDS`)
and its table (`tables.ROW_TABLES`). Everything else about a file is the same for all kinds.
"""

import uuid
from collections.abc import Sequence
from typing import ClassVar

from customers.imports.fields import Problem
from customers.imports.models import Import, ImportRow
from smartbis_admin.staff.access import Access
from smartbis_admin.writes.models import Write

RowState = ImportRow.State


class ImportKind:
    """Base of the kinds. `KINDS` holds one of each."""

    name: ClassVar[str]
    access: ClassVar[Access]
    #: Whether the same file, and the same row, may be meant again once it was done.
    repeatable: ClassVar[bool] = False

    def begin(self, batch: Import) -> str:
        """Before rows are compared. Returns why the comparison may be old (a word of `words.py`), or ""."""
        return ""

    def same(self, row: ImportRow) -> str:
        """What two rows of one file cannot both be about; where they can, what makes them the same row."""
        return row.fingerprint

    def compare(self, batch: Import, rows: Sequence[ImportRow]) -> None:
        """Mark rows that need not or cannot be sent. Nothing leaves."""

    def perform(
        self, batch: Import, row: ImportRow, planned: uuid.UUID, earlier: Write | None
    ) -> Write | None:
        """Make the row's intent. None: there was nothing to send, and the row says so (`settle`)."""
        raise NotImplementedError

    def refused(self, write: Write) -> tuple[ImportRow.State, list[Problem]] | None:
        """What a refusal means for the row, where the platform's sentence is not enough."""
        return None

    def question(self, rows: int) -> str:
        """What is asked before that many rows are sent."""
        raise NotImplementedError


KINDS: dict[str, ImportKind] = {}


def register(kind: type[ImportKind]) -> type[ImportKind]:
    """Make a kind known. For use as a decorator."""
    KINDS[kind.name] = kind()
    return kind


def mark(row: ImportRow, state: ImportRow.State, *problems: Problem) -> None:
    """Say of a row that is being checked what it is."""
    row.state, row.problems = state, list(problems)


def settle(row: ImportRow, state: ImportRow.State, *problems: Problem, **changes: object) -> None:
    """Set the outcome of a row that is being sent, if nobody else did."""
    ImportRow.objects.filter(pk=row.pk, state=row.state).update(
        state=state, problems=list(problems), **changes
    )
