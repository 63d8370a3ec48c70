"""What people do about drift: look at it in words, acknowledge it, put it back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Access
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from smartbis_admin.sync.drift.rules import Preview, as_text, rule_of
from smartbis_admin.sync.engine import spec_of
from smartbis_admin.sync.models import Drift
from smartbis_admin.ui import formats

State = Drift.State
#: Settled drift is forgotten after this long: its before and after may hold personal data.
REMEMBERED = timedelta(days=90)
HIDDEN = "•••"


@dataclass(frozen=True)
class Difference:
    """One column of a drift in words; None: the platform says it is empty."""

    label: str | Promise
    before: str | None
    after: str | None
    #: What our copy holds at this moment; None where it holds no such row either.
    now: str | None


def open_drift(connection: Connection | None = None) -> QuerySet[Drift]:
    """What nobody has acknowledged or repaired yet."""
    rows = Drift.objects.filter(state=State.OPEN)
    return rows if connection is None else rows.filter(connection=connection)


def differences(drift: Drift, *, viewer: User) -> list[Difference]:
    """The columns that differ, as this person may see them: a CPF always masked, contacts only with the permission."""
    rule = rule_of(drift.resource)
    if rule is None or not drift.after:
        return []
    model, row = model_of(drift.resource), row_of(drift)
    hidden = frozenset() if viewer.may(Access.SEE_PERSONAL_DATA) else rule.personal
    found = []
    for name, after in drift.after.items():
        column: Any = model._meta.get_field(name)
        show = (lambda text: HIDDEN) if name in hidden else rule.shown.get(name) or _reader(column)
        texts = (drift.before.get(name), after, as_text(getattr(row, name)) if row else None)
        found.append(
            Difference(column.verbose_name, *(None if text is None else show(text) for text in texts))
        )
    return found


def _reader(column: Any) -> Any:
    """How a column's stored text is shown to a person."""
    if column.choices:
        words = {str(value): str(word) for value, word in column.choices}
        return lambda text: words.get(text, text)
    if isinstance(column, models.DecimalField):
        if column.decimal_places == 2:
            return lambda text: formats.money(Decimal(text))
        return lambda text: formats.number(Decimal(text))
    if isinstance(column, models.DateTimeField):
        return lambda text: formats.datetime_local(datetime.fromisoformat(text))
    if isinstance(column, models.DateField):
        return lambda text: formats.day(datetime.fromisoformat(text).date())
    if isinstance(column, models.IntegerField):
        return lambda text: formats.number(int(text))
    return str


def model_of(resource: str) -> type[models.Model]:
    """What the rows of a list are."""
    rule = rule_of(resource)
    return rule.model if rule and rule.model else spec_of(resource).model


def list_label(resource: str) -> str:
    """What people call a list: the plural name of its rows."""
    return capfirst(str(model_of(resource)._meta.verbose_name_plural))


def row_of(drift: Drift) -> Any:
    """Our copy of the row it is about; None where there is none (a new field, a row never stored)."""
    if not drift.remote_id:
        return None
    rule = rule_of(drift.resource)
    if rule is not None and rule.find is not None:
        return rule.find(drift)
    rows = spec_of(drift.resource).rows().filter(connection=drift.connection_id, remote_id=drift.remote_id)
    return rows.select_related("connection").first()


def page_of(drift: Drift, row: Any) -> str:
    """The address of the row's own page; empty where there is none."""
    rule = rule_of(drift.resource)
    return reverse(rule.url_name, args=[getattr(row, rule.url_key)]) if row and rule and rule.url_name else ""


def can_read_again(drift: Drift, row: Any, *, viewer: User) -> bool:
    """Whether this person may have the row read at the platform, and it can be read alone."""
    rule = rule_of(drift.resource)
    if row is None or rule is None or rule.read is None or not viewer.may(Access.RUN_SYNC):
        return False
    return bool(row.connection.is_active and rule.readable(row))


def read_again(*, drift: Drift, by: User) -> bool:
    """Read the row at the platform now, so that before, after and now stand side by side. Whether it was told.

    The drift stays as it is: whether it is explained now is for a person to say. Raises the `ApiError` family,
    and `LookupError` where the row cannot be read alone.
    """
    rule, row = rule_of(drift.resource), row_of(drift)
    if rule is None or rule.read is None or not can_read_again(drift, row, viewer=by):
        raise LookupError(f"no reading for {drift.resource}")
    told = rule.read(row)
    audit(actor=by, action="sync.drift_read_again", subject=f"drift:{drift.pk}", told=told)
    return told


def acknowledge(*, drifts: QuerySet[Drift], by: User | None) -> int:
    """Mark the open ones among these as seen and return how many there were."""
    changes = {"state": State.ACKNOWLEDGED, "decided_by": by, "decided_at": timezone.now()}
    chosen = Drift.objects.filter(pk__in=drifts.order_by().values("pk"), state=State.OPEN)
    count = chosen.update(**changes)
    if count:
        audit(actor=by, action="sync.drift_acknowledged", rows=count)
    return count


def reopen(*, drifts: QuerySet[Drift], by: User | None) -> int:
    """Take acknowledgements back and return how many there were."""
    chosen = Drift.objects.filter(pk__in=drifts.order_by().values("pk"), state=State.ACKNOWLEDGED)
    count = chosen.update(state=State.OPEN, decided_by=None, decided_at=None)
    if count:
        audit(actor=by, action="sync.drift_reopened", rows=count)
    return count


def repair_label(drift: Drift, *, viewer: User) -> str | Promise:
    """What this person may press to put it back; empty when there is no repair for it."""
    rule = rule_of(drift.resource)
    if drift.state != State.OPEN or rule is None or rule.repair is None:
        return ""
    allowed = viewer.may(rule.repair.access) and rule.repair.preview(drift) is not None
    return rule.repair.label if allowed else ""


def preview_repair(drift: Drift) -> Preview | None:
    """What putting it back would change now. None: nothing (any more)."""
    rule = rule_of(drift.resource)
    if drift.state != State.OPEN or rule is None or rule.repair is None:
        return None
    return rule.repair.preview(drift)


def repair(*, drift: Drift, id: UUID, by: User) -> str | Promise:
    """Put it back as a safe write under `id`, and say what came of it.

    Raises `ValidationError` when it was not done, with the reason; the drift then stays open.
    """
    rule = rule_of(drift.resource)
    if rule is None or rule.repair is None:
        raise LookupError(f"no repair for {drift.resource}")
    said = rule.repair.perform(drift, id=id, actor=by)
    Drift.objects.filter(pk=drift.pk, state=State.OPEN).update(
        state=State.REPAIRED, decided_by=by, decided_at=timezone.now()
    )
    audit(actor=by, action="sync.drift_repaired", subject=f"drift:{drift.pk}", write=str(id))
    return said


def advice(drift: Drift) -> str | Promise:
    """What a person can do about it."""
    return {
        Drift.Kind.CHANGED: _(
            "Confira se a alteração era esperada. Os dados são gerenciados no painel da Smartbis."
        ),
        Drift.Kind.USED_ELSEWHERE: _(
            "Nenhum caixa daqui validou este voucher. Confira com a loja onde ele foi usado."
        ),
        Drift.Kind.BALANCE: _(
            "As vendas registradas aqui não explicam a diferença. Confira o extrato no painel da Smartbis."
        ),
        Drift.Kind.MISSING: _(
            "A plataforma não listou este registro. Se a próxima leitura completa não o trouxer, ele será retirado."
        ),
        Drift.Kind.WITHDRAWN: _(
            "Duas leituras completas não trouxeram este registro. Ele fica guardado e volta se aparecer de novo."
        ),
        Drift.Kind.BACK: _("O registro estava ausente e a plataforma voltou a listá-lo."),
        Drift.Kind.BENEFIT: _(
            "A plataforma deu outro benefício do que a regra daqui faz esperar. Compare a regra com a do painel da "
            "Smartbis."
        ),
        Drift.Kind.UNKNOWN_FIELD: _(
            "A plataforma passou a enviar um campo que não conhecemos. O valor não é guardado."
        ),
    }[Drift.Kind(drift.kind)]


def forget_settled(now: datetime) -> int:
    """Delete what was settled long ago and return how many rows it was."""
    old = Drift.objects.exclude(state=State.OPEN).filter(decided_at__lt=now - REMEMBERED)
    return old.delete()[0]
