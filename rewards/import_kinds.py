"""Many stocks from one file: which reward a row means, what the platform says of it now, and the change it becomes.

Each row is a change of stock like any other: it leaves only while the platform still shows the number that the
check compared with.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from customers.imports.fields import FIELDS, Field, Problem, Unclear
from customers.imports.kinds import ImportKind, RowState, mark, register, settle
from customers.imports.models import Import, ImportRow
from customers.imports.tables import ROW_TABLES, RowTable
from customers.search import fold_name
from rewards.forms import LARGEST_STOCK, StockField
from rewards.models import Reward, StockChange
from rewards.services import refresh_rewards, set_stock
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.formats import number
from smartbis_admin.ui.tables import Column, NumberColumn
from smartbis_admin.writes.models import Write

_STOCK = StockField(min_value=0, max_value=LARGEST_STOCK)


def _read_stock(text: str) -> str:
    try:
        return str(_STOCK.clean(text))
    except ValidationError:
        raise Unclear("invalid") from None


FIELDS[Import.Kind.STOCK] = (
    Field(
        "reward",
        _("Recompensa (nome ou id)"),
        True,
        lambda text: text[:200],
        ("recompensa", "nome", "cupom", "brinde", "produto", "id na plataforma", "id", "reward", "nombre"),
        lambda text: any(sign.isalpha() for sign in text),
    ),
    Field(
        "stock",
        _("Novo estoque"),
        True,
        _read_stock,
        ("novo estoque", "estoque", "quantidade", "qtd", "qtde", "unidades", "stock", "existencias"),
        lambda text: text.replace(".", "").isdigit(),
    ),
)


class StockRowTable(RowTable):
    """Rows that tell stocks, with what the platform says beside."""

    reward = Column(accessor="values__reward", verbose_name=_("Recompensa"), orderable=False)
    seen = NumberColumn(accessor="values__seen", verbose_name=_("Na plataforma"), orderable=False)
    stock = NumberColumn(accessor="values__stock", verbose_name=_("Novo estoque"), orderable=False)

    class Meta(RowTable.Meta):
        fields = ("number", "reward", "seen", "stock", "state", "problems")
        sequence = fields

    def render_reward(self, record: ImportRow) -> str:
        return str(record.values.get("name") or record.values["reward"])

    def render_seen(self, value: str) -> str:
        return number(int(value))

    def value_seen(self, value: str) -> int:
        return int(value)

    def render_stock(self, value: str) -> str:
        return number(int(value))

    def value_stock(self, value: str) -> int:
        return int(value)


ROW_TABLES[Import.Kind.STOCK] = StockRowTable


@register
class StockKind(ImportKind):
    """New stocks of known rewards. The same file may come again next month."""

    name = Import.Kind.STOCK.value
    access = Access.CHANGE_STOCK
    repeatable = True

    def begin(self, batch: Import) -> str:
        return "" if refresh_rewards(batch.connection) else "old_copy"

    def same(self, row: ImportRow) -> str:
        return fold_name(row.values["reward"]) or str(row.values["reward"])

    def compare(self, batch: Import, rows: Sequence[ImportRow]) -> None:
        by_id: dict[str, Reward] = {}
        by_name: dict[str, list[Reward]] = defaultdict(list)
        # Rewards are hundreds.
        for reward in Reward.objects.filter(connection=batch.connection_id, withdrawn_at=None):
            by_id[reward.remote_id] = reward
            by_name[fold_name(reward.name)].append(reward)
        lines: dict[int, int] = {}
        for row in rows:
            text = row.values["reward"]
            found = [by_id[text]] if text in by_id else by_name.get(fold_name(text), [])
            if len(found) != 1:
                mark(row, RowState.INVALID, ["reward", "two_rewards" if found else "no_reward"])
                continue
            first = lines.setdefault(found[0].pk, row.number)
            if first != row.number:
                mark(row, RowState.REPEATED, ["", "same_as_line", first])
            else:
                self._compare_one(row, found[0])

    @staticmethod
    def _compare_one(row: ImportRow, reward: Reward) -> None:
        row.values |= {"pk": str(reward.pk), "name": reward.name}
        if reward.stock is None:
            mark(row, RowState.INVALID, ["stock", "unlimited"])
            return
        row.values["seen"] = str(reward.stock)
        if row.values["stock"] == row.values["seen"]:
            mark(row, RowState.KNOWN, ["stock", "same_stock"])

    def perform(
        self, batch: Import, row: ImportRow, planned: uuid.UUID, earlier: Write | None
    ) -> Write | None:
        reward = Reward.objects.select_related("connection").filter(pk=row.values["pk"]).first()
        if reward is None:
            settle(row, RowState.REFUSED, ["reward", "no_reward"])
            return None
        return set_stock(
            id=planned,
            reward=reward,
            seen=int(row.values["seen"]),
            target=int(row.values["stock"]),
            actor=batch.started_by or batch.created_by,
        ).write

    def refused(self, write: Write) -> tuple[ImportRow.State, list[Problem]] | None:
        if write.code == "coupon_not_found":
            return RowState.REFUSED, [["reward", "no_reward"]]
        if write.code != "stock_changed":
            return None
        after = StockChange.objects.get(write=write).after
        return RowState.REFUSED, [["stock", "stock_changed", after]]

    def question(self, rows: int) -> str:
        return ngettext(
            "Alterar o estoque de %(rows)s recompensa na plataforma? Ele só muda se o número de lá ainda for o desta "
            "conferência.",
            "Alterar o estoque de %(rows)s recompensas na plataforma? Cada um só muda se o número de lá ainda for o "
            "desta conferência.",
            rows,
        ) % {"rows": number(rows)}
