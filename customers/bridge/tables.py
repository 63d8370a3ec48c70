"""Card machines' sales, machines, stores, files and feed problems as columns. Buyer data are masked everywhere."""

from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from customers.bridge.models import FeedIssue, PosFile, PosMachine, PosSale, PosStore
from customers.bridge.words import FLAGS, explain_problem, short_reason
from smartbis_admin.api.brazil import mask_cpf
from smartbis_admin.ui.tables import (
    AgeColumn,
    Column,
    DateTimeColumn,
    LinkColumn,
    MoneyColumn,
    NumberColumn,
    StatusColumn,
    Table,
)

State = PosSale.State
#: A sale's state: tone and icon; the word is the model's own.
LOOKS = {
    State.RECEIVED: ("info", "inbox"),
    State.MATCHED: ("info", "link"),
    State.UNIDENTIFIED: ("warning", "user-off"),
    State.ELIGIBLE: ("info", "hourglass"),
    State.INELIGIBLE: ("neutral", "ban"),
    State.REGISTERED: ("success", "circle-check"),
    State.IN_DOUBT: ("warning", "clock-question"),
    State.REJECTED: ("danger", "circle-x"),
    State.REVERSED: ("neutral", "arrow-back-up"),
}
#: A flag: tone, icon, word.
FLAG_LOOKS = {
    "conflicting_data": ("warning", "users", FLAGS["conflicting_data"]),
    "changed_after_send": ("warning", "versions", FLAGS["changed_after_send"]),
    "reversal_due": ("danger", "arrow-back-up", FLAGS["reversal_due"]),
}
FILE_LOOKS = {
    PosFile.State.PREVIEW: ("info", "eye"),
    PosFile.State.RUNNING: ("info", "hourglass"),
    PosFile.State.DONE: ("success", "circle-check"),
    PosFile.State.FAILED: ("danger", "alert-circle"),
}
#: Where a machine stands: see `filters.with_standing`.
MACHINE_LOOKS = {
    "listed": ("success", "circle-check", _("Ativa")),
    "met": ("warning", "help-circle", _("Fora da lista do SmartPOS")),
    "off": ("neutral", "ban", _("Desativada")),
}
_ONE_LINE = {"td": {"class": "text-nowrap"}}


def flags_of(sale: PosSale) -> list[dict[str, Any]]:
    """The flags that stand on a sale, each with its looks."""
    return [
        {"label": word, "tone": tone, "icon": icon}
        for name, (tone, icon, word) in FLAG_LOOKS.items()
        if getattr(sale, name)
    ]


def who_bought(sale: PosSale) -> str:
    """The linked customer's name, else the masked CPF or the first name the machine told."""
    if sale.customer is not None:
        return str(sale.customer.name)
    return mask_cpf(sale.buyer_cpf) or sale.buyer_name.partition(" ")[0]


def waits(sale: PosSale) -> bool:
    """Whether somebody, or an answer, is waited for."""
    return sale.state in (State.UNIDENTIFIED, State.IN_DOUBT)


class PosSaleTable(Table):
    """Sales of card machines, the newest first. Why a sale stands where it does stands below its state."""

    sold_at = DateTimeColumn(linkify=("bridge:detail", {"pk": tables.A("pk")}), attrs=_ONE_LINE)
    amount = MoneyColumn()
    state = StatusColumn(LOOKS, orderable=False)
    buyer = Column(verbose_name=_("Cliente"), empty_values=(), orderable=False)
    state_since = AgeColumn(verbose_name=_("Espera"), orderable=False, attrs=_ONE_LINE)
    machine = Column(orderable=False)
    store = Column(orderable=False)
    payment_method = Column(orderable=False, visible=False)
    reason = Column(orderable=False, visible=False)
    flags = Column(verbose_name=_("Atenção"), empty_values=(), orderable=False, visible=False)
    acquirer = Column(orderable=False, visible=False)
    nsu = Column(orderable=False, visible=False)
    authorization_code = Column(orderable=False, visible=False)
    road = Column(orderable=False, visible=False)
    remote_id = Column(orderable=False, visible=False)
    received_at = DateTimeColumn(orderable=False, visible=False)

    class Meta:
        model = PosSale
        fields = (
            "sold_at", "amount", "state", "buyer", "state_since", "machine", "store", "payment_method", "reason",
            "flags", "acquirer", "nsu", "authorization_code", "road", "remote_id", "received_at",
        )  # fmt: skip
        order_by = "-sold_at"

    def render_state(self, record: PosSale) -> str:
        tone, icon = LOOKS[State(record.state)]
        return render_to_string(
            "bridge/state_cell.html",
            {
                "label": record.get_state_display(),
                "tone": tone,
                "icon": icon,
                "reason": short_reason(record.reason),
                "flags": flags_of(record),
            },
        )

    def value_state(self, record: PosSale) -> str:
        return str(record.get_state_display())

    def render_reason(self, value: str) -> str:
        return short_reason(value)

    def render_buyer(self, record: PosSale) -> str:
        return who_bought(record) or "—"

    def value_buyer(self, record: PosSale) -> str:
        return who_bought(record)

    def render_state_since(self, record: PosSale, value: Any) -> str:
        """Only what waits for a person or for an answer has an age."""
        return render_to_string("ui/age.html", {"value": value}) if waits(record) else "—"

    def value_state_since(self, record: PosSale, value: Any) -> Any:
        return value if waits(record) else None

    def render_flags(self, record: PosSale) -> str:
        return ", ".join(str(flag["label"]) for flag in flags_of(record))


class PosMachineTable(Table):
    """Machines by name, each with the store it stands in."""

    label = LinkColumn("bridge:machine", empty_values=(), orderable=False)
    acquirer = Column(orderable=False)
    terminal_serial = Column(orderable=False)
    store = Column(empty_values=(), orderable=False)
    standing = StatusColumn(MACHINE_LOOKS, verbose_name=_("Situação"), orderable=False)
    last_seen_at = AgeColumn(orderable=False)
    last_sale_at = AgeColumn(orderable=False)
    store_remote_id = Column(orderable=False, visible=False)
    remote_id = Column(orderable=False, visible=False)

    class Meta:
        model = PosMachine
        fields = (
            "label", "acquirer", "terminal_serial", "store", "standing", "last_seen_at", "last_sale_at",
            "store_remote_id", "remote_id",
        )  # fmt: skip
        order_by = "label"

    def render_label(self, record: PosMachine) -> str:
        return str(record)

    def render_store(self, record: PosMachine) -> str:
        return str(record.store or record.mapped_store or "—")  # type: ignore[attr-defined]

    def value_store(self, record: PosMachine) -> str:
        return str(record.store or record.mapped_store or "")  # type: ignore[attr-defined]


class SeenMachineTable(PosMachineTable):
    """The same for people who may not say where a machine stands."""

    label = Column(empty_values=(), orderable=False)

    class Meta(PosMachineTable.Meta):
        pass


class PosStoreTable(Table):
    """SmartPOS's stores, and which of ours each is."""

    remote_id = LinkColumn("bridge:store", orderable=False)
    store = Column(orderable=False)
    machines = NumberColumn(accessor="machine_count", verbose_name=_("Maquininhas"), orderable=False)

    class Meta:
        model = PosStore
        fields = ("remote_id", "store", "machines")
        order_by = "remote_id"


class SeenStoreTable(PosStoreTable):
    """The same for people who may not say which of our stores one is."""

    remote_id = Column(orderable=False)

    class Meta(PosStoreTable.Meta):
        pass


class PosFileTable(Table):
    """Files, the newest first."""

    name = LinkColumn("bridge:file", orderable=False)
    state = StatusColumn(FILE_LOOKS, orderable=False)
    rows_total = NumberColumn(orderable=False)
    rows_new = NumberColumn(orderable=False)
    rows_duplicate = NumberColumn(orderable=False)
    rows_changed = NumberColumn(orderable=False, visible=False)
    rows_bad = NumberColumn(orderable=False)
    created_by = Column(orderable=False)
    created_at = DateTimeColumn()

    class Meta:
        model = PosFile
        fields = (
            "name", "state", "rows_total", "rows_new", "rows_duplicate", "rows_changed", "rows_bad", "created_by",
            "created_at",
        )  # fmt: skip
        order_by = "-created_at"


class FeedIssueTable(Table):
    """What feeds sent that could not be used, the newest first."""

    last_at = DateTimeColumn(attrs=_ONE_LINE)
    reason = Column(orderable=False)
    remote_id = Column(verbose_name=_("ID"), orderable=False)
    road = Column(orderable=False)
    count = NumberColumn(orderable=False)
    first_at = DateTimeColumn(orderable=False, visible=False)
    is_lost = StatusColumn(
        {True: ("danger", "circle-x", _("Não guardada")), False: ("neutral", "check", _("Guardada"))},
        verbose_name=_("Linha"),
        orderable=False,
    )
    resolved_at = DateTimeColumn(orderable=False)

    class Meta:
        model = FeedIssue
        fields = ("last_at", "reason", "remote_id", "road", "count", "is_lost", "resolved_at", "first_at")
        order_by = "-last_at"

    def render_reason(self, value: str) -> str:
        return explain_problem(value)
