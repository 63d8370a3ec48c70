"""What counts as drift of a reward or a category, and how a stock is put back."""

from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rewards.models import Reward, StockChange
from rewards.services import set_stock
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.words import explain
from smartbis_admin.staff.access import Access
from smartbis_admin.staff.models import User
from smartbis_admin.sync.drift.rules import Change, DriftRule, Finding, Kind, Preview, register
from smartbis_admin.sync.models import Drift
from smartbis_admin.sync.reading import read_in_list
from smartbis_admin.ui.formats import number
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import SubjectBusyError

WATCHED = (
    "name", "description", "category_remote_id", "points_required", "stock", "limit_per_customer",
    "starts_at", "ends_at", "rules", "status",
)  # fmt: skip


def judge(connection: Connection, changes: Sequence[Change]) -> Iterable[Finding]:
    """Every watched change, except a stock that became what we asked for and whose answer is still out."""
    asked = {
        (change.reward.remote_id, change.target)
        for change in StockChange.objects.filter(
            reward__connection=connection,
            reward__remote_id__in=[change.remote_id for change in changes],
            write__state__in=Write.OPEN,
        ).select_related("reward")
    }
    for change in changes:
        columns = change.differs(WATCHED)
        if (change.remote_id, change.after["stock"]) in asked:
            columns = tuple(name for name in columns if name != "stock")
        if columns:
            yield Finding(change, Kind.CHANGED, columns)


class PutStockBack:
    """Set a reward's stock to what it was before it changed at the platform."""

    label = _("Voltar ao estoque anterior")
    access = Access.CHANGE_STOCK

    def preview(self, drift: Drift) -> Preview | None:
        reward, target = self._reward(drift), _former_stock(drift)
        if reward is None or target is None or reward.stock == target:
            return None
        return Preview(_("Estoque"), _stock_text(reward.stock), _stock_text(target))

    def perform(self, drift: Drift, *, id: UUID, actor: User) -> str | Promise:
        reward, target = self._reward(drift), _former_stock(drift)
        if reward is None or target is None:
            raise ValidationError(_("Não há nada a corrigir aqui."))
        try:
            write = set_stock(id=id, reward=reward, seen=reward.stock, target=target, actor=actor).write
        except SubjectBusyError:
            raise ValidationError(_("Outra alteração deste estoque ainda está a confirmar.")) from None
        write.refresh_from_db()
        if write.state == Write.State.DONE:
            return _("Estoque alterado para %(stock)s.") % {"stock": number(target)}
        raise ValidationError(_why_not(write))

    @staticmethod
    def _reward(drift: Drift) -> Reward | None:
        rows = Reward.objects.select_related("connection").filter(withdrawn_at=None)
        return rows.filter(connection=drift.connection_id, remote_id=drift.remote_id).first()


def _why_not(write: Write) -> str:
    if write.state == Write.State.NOT_SENT:
        return (
            str(_("Não foi enviado. Tente de novo."))
            if not write.error
            else explain(write.error, write.error_cause)
        )
    if write.is_open:
        return str(_("A confirmar – não repita"))
    if write.code == "stock_changed":
        return str(
            _("O estoque mudou na plataforma. Nada foi alterado: confira o número atual e decida de novo.")
        )
    return write.message or str(_("A plataforma recusou a alteração do estoque."))


def _former_stock(drift: Drift) -> int | None:
    """The stock to go back to. None: it was unlimited (which cannot be sent), or was not what changed."""
    text = drift.before.get("stock")
    return None if text is None else int(text)


def _stock_text(stock: int | None) -> str:
    return str(_("Ilimitado")) if stock is None else number(stock)


register(
    DriftRule(
        resource=Resource.REWARDS,
        watched=WATCHED,
        label=str,
        url_name="rewards:detail",
        judge=judge,
        repair=PutStockBack(),
        read=partial(read_in_list, resource=Resource.REWARDS),
    )
)
register(
    DriftRule(
        resource=Resource.CATEGORIES,
        watched=("name",),
        label=str,
        read=partial(read_in_list, resource=Resource.CATEGORIES),
    )
)
