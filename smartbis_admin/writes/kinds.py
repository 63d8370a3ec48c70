"""What a domain tells the ledger about one kind of write: how to send it, and what its outcome means.

The ledger knows kinds by name only; each domain registers its own when its `writes`
module is loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.capabilities import Capability
from smartbis_admin.api.records import Record
from smartbis_admin.writes.models import Write

C = TypeVar("C")


@dataclass(frozen=True)
class Settlement:
    """What one look at the evidence concluded about a write in doubt.

    `state` None means: nothing yet, look again in `again` seconds, or hand it to a person.
    """

    #: What was seen, in plain JSON values, kept as evidence; no personal data.
    found: Mapping[str, Any]
    state: Write.State | None = None
    code: str = ""
    message: str = ""
    record: Record | None = None
    #: Seconds until the next look.
    again: float = 30
    needs_person: bool = False
    #: What a person is advised to choose, when the evidence is strong but may not settle alone.
    proposal: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class WriteKind(Generic[C]):
    """One kind of write, sent through a client of class `C`. Subclasses override what differs; no state."""

    name: str
    label: str | Promise
    capability: Capability
    #: What a person may settle it to, and what that says in the words of this kind.
    person_may: ClassVar[Mapping[str, str | Promise]] = {
        Write.State.DONE: _("Aconteceu: a plataforma mostra o efeito"),
        Write.State.NOT_DONE: _("Não aconteceu: pode ser feito de novo"),
        Write.State.ABANDONED: _("Não foi possível descobrir: abandonar"),
    }

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        """What was asked, as label and text for a person; personal data and codes masked."""
        raise NotImplementedError

    def prepare(self, client: C, write: Write) -> Mapping[str, Any]:
        """Read what settling would need, before the call leaves. Empty where nothing is needed."""
        return {}

    def send(self, client: C, write: Write, secrets: Mapping[str, str]) -> Record | None:
        """Make the one call. None = done, details not in the answer. Raises the `ApiError` family."""
        raise NotImplementedError

    def outcome(self, write: Write, record: Record | None) -> None:
        """Local consequences of the write's new state, inside the transaction that sets it."""

    def settle(self, client: C, write: Write) -> Settlement:
        """Read the platform and say what the evidence shows. Raises `ApiError` when it cannot read."""
        raise NotImplementedError


_kinds: dict[str, WriteKind[Any]] = {}


def register(kind: type[WriteKind[C]]) -> type[WriteKind[C]]:
    """Class decorator: make a kind known by its name."""
    _kinds[kind.name] = kind()
    return kind


def kind_named(name: str) -> WriteKind[Any]:
    """The kind with this name. Raises `KeyError` for one nobody registered."""
    return _kinds[name]


def kind_of(write: Write) -> WriteKind[Any]:
    """The kind of a write."""
    return _kinds[write.kind]


def all_kinds() -> list[WriteKind[Any]]:
    """Every registered kind, by name."""
    return [_kinds[name] for name in sorted(_kinds)]
