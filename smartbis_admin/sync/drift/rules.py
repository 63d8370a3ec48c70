"""What a domain tells the drift centre about one list: which columns matter, and what our own writes explain.

The kit knows lists by name only; a room registers its rule in its `drift` module. Imports nothing of the
engine, which hands changes over.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.db.models import Model
from django.utils.functional import Promise

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Access
from smartbis_admin.staff.models import User
from smartbis_admin.sync.models import Drift, Mirrored

Kind = Drift.Kind


class Change(NamedTuple):
    """A mirrored row before and after a reading. `since`: when our knowledge of it last changed."""

    pk: int
    remote_id: str
    since: datetime
    before: dict[str, Any]
    after: dict[str, Any]

    def differs(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Those of the columns whose value changed."""
        return tuple(name for name in columns if self.before[name] != self.after[name])


class Finding(NamedTuple):
    """A change that nothing of ours explains: what it is called, and the columns that show it."""

    change: Change
    kind: Drift.Kind
    columns: tuple[str, ...]


class Preview(NamedTuple):
    """What a repair would do: what is changed, from what it is now to what it becomes."""

    label: str | Promise
    now: str
    then: str


class Repair(Protocol):
    """How a drift can be put back as it was. It is a safe write like any other."""

    @property
    def label(self) -> str | Promise: ...

    @property
    def access(self) -> Access: ...

    def preview(self, drift: Drift) -> Preview | None:
        """What would happen now; None when there is nothing (left) to put back."""

    def perform(self, drift: Drift, *, id: UUID, actor: User) -> str | Promise:
        """Do it under this write id and return what to say. `ValidationError`: it was not done, and why."""


#: Judges changes of one connection in one go: a fixed number of queries, however many there are.
Judge = Callable[[Connection, Sequence[Change]], Iterable[Finding]]


@dataclass(frozen=True)
class DriftRule:
    """One list's rule. `watched`: columns whose change is told; others change unnoticed."""

    resource: Resource | str
    watched: tuple[str, ...]
    #: What a person calls a row; no CPF, codes masked.
    label: Callable[[Any], str]
    #: The page of a row, by the attribute `url_key`; empty where there is none.
    url_name: str = ""
    url_key: str = "pk"
    #: For rows of our own, which no platform lists: their model, and how the one of a drift is found.
    model: type[Model] | None = None
    find: Callable[[Drift], Any] | None = None
    #: Columns shown only to people who may see personal data.
    personal: frozenset[str] = frozenset()
    #: Column -> how its stored text is shown, where the column's type does not say.
    shown: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    judge: Judge | None = None
    repair: Repair | None = None
    #: Reads one row at the platform now and stores what it says; whether it was told. Raises the `ApiError` family.
    read: Callable[[Any], bool] | None = None
    #: Which rows can be read alone.
    readable: Callable[[Any], bool] = lambda row: True

    def findings(self, connection: Connection, changes: Sequence[Change]) -> list[Finding]:
        """What of these changes is drift."""
        if self.judge is not None:
            return list(self.judge(connection, changes))
        told = ((change, change.differs(self.watched)) for change in changes)
        return [Finding(change, Kind.CHANGED, columns) for change, columns in told if columns]


_rules: dict[str, DriftRule] = {}


def register(rule: DriftRule) -> DriftRule:
    """Make a rule known; called when a domain's `drift` module is loaded."""
    _rules[rule.resource] = rule
    return rule


def rule_of(resource: str) -> DriftRule | None:
    """The rule of a list, or None where nobody registered one."""
    return _rules.get(resource)


def own_lists() -> list[str]:
    """Lists of our own rows that have a rule, besides those the platforms list."""
    return [str(name) for name, rule in _rules.items() if rule.model is not None]


def as_text(value: Any) -> str | None:
    """A mirrored value as it is kept in a drift's row."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def label_of(rule: DriftRule, row: Mirrored) -> str:
    """What the row is called, short enough to keep."""
    return rule.label(row)[:200]
