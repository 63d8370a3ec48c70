"""Two writes of a points programme, as the ledger sees them: change a balance, send an activity.

Each says how it is sent, what its outcome means here, and how a lost answer is settled.
Source: `smile-v1.md` §6.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.errors import ApiError, InDoubt, Refused
from smartbis_admin.api.points import ActivityDraft, PointsDraft, PointsTransactionRecord
from smartbis_admin.api.records import Record
from smartbis_admin.api.smile import SmileClient
from smartbis_admin.sync.engine import store_records
from smartbis_admin.ui.formats import number
from smartbis_admin.writes.kinds import Settlement, WriteKind, register
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import absent_twice, next_negative_look

#: How long before the send the reading of transactions begins (`smile-v1.md` §6.3).
LOOK_BACK = timedelta(minutes=10)
#: Statuses with which a platform refuses a repeated activity; others would refuse the first as well (§6.6).
REPEATED = frozenset({402, 409, 422})


def read_customer(client: SmileClient, write: Write) -> Customer | None:
    """Ask for the customer of a write and store the answer; None when the platform knows no such id."""
    record = client.read_customer(write.payload["customer_remote_id"])
    if record is None:
        return None
    rows = store_records(write.connection, Resource.CUSTOMERS, [record])
    return next((row for row in rows if isinstance(row, Customer)), None)


def customer_named(write: Write) -> str:
    """The customer of a write as people call them; the id where our copy does not hold them."""
    remote_id: str = write.payload["customer_remote_id"]
    row = Customer.objects.filter(connection=write.connection_id, remote_id=remote_id).first()
    return row.name if row else remote_id


@register
class ChangePoints(WriteKind[SmileClient]):
    """Add or deduct points. Our reference in the internal note settles it (§6.3)."""

    name = "change_points"
    label = _("Ajustar pontos")
    #: Platforms that can only add have a write of their own.
    capability = Capability.DEDUCT_POINTS

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        return [
            (_("Cliente"), customer_named(write)),
            (_("Pontos"), f"{write.payload['points_change']:+d}"),
            (_("Descrição"), write.payload["description"]),
        ]

    def prepare(self, client: SmileClient, write: Write) -> Mapping[str, Any]:
        # A call that did not leave may be made again, but never without looking for the first one.
        return {"tried": write.sent_at.isoformat() if write.sent_at else ""}

    def send(self, client: SmileClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        payload = write.payload
        if write.before["tried"]:
            since = datetime.fromisoformat(write.before["tried"])
            earlier = self._find(client, write, since)
            if earlier is not None:
                return earlier
        return client.change_points(
            PointsDraft(
                customer_remote_id=payload["customer_remote_id"],
                points_change=payload["points_change"],
                description=payload["description"],
                reference=str(write.pk),
                internal_note=payload["internal_note"],
            )
        )

    def outcome(self, write: Write, record: Record | None) -> None:
        if write.state == Write.State.DONE and isinstance(record, PointsTransactionRecord):
            store_records(write.connection, Resource.POINTS_TRANSACTIONS, [record])

    def settle(self, client: SmileClient, write: Write) -> Settlement:
        record = self._find(client, write, write.sent_at or write.created_at)
        if record is not None:
            read_customer(client, write)
            return Settlement(found={"listed": True}, state=Write.State.DONE, record=record)
        found = {"listed": False}
        if absent_twice(write, "listed", False):
            return Settlement(found=found, state=Write.State.NOT_DONE)
        return Settlement(found=found, again=next_negative_look(write))

    @staticmethod
    def _find(client: SmileClient, write: Write, sent_at: datetime) -> PointsTransactionRecord | None:
        return client.find_reference(
            str(write.pk),
            customer_remote_id=write.payload["customer_remote_id"],
            since=sent_at - LOOK_BACK,
        )


@register
class SendActivity(WriteKind[SmileClient]):
    """Tell the programme of an event. Its id makes one repeat after a lost answer harmless (§6.6)."""

    name = "send_activity"
    label = _("Enviar atividade")
    capability = Capability.SEND_ACTIVITY

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        return [(_("Cliente"), customer_named(write)), (_("Atividade"), write.payload["token"])]

    def send(self, client: SmileClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        happened_at = write.payload["happened_at"]
        draft = ActivityDraft(
            customer_remote_id=write.payload["customer_remote_id"],
            token=write.payload["token"],
            distinct_id=str(write.pk),
            happened_at=datetime.fromisoformat(happened_at) if happened_at else None,
        )
        try:
            return client.send_activity(draft)
        except InDoubt as lost:
            try:
                return client.send_activity(draft)
            except Refused as refused:
                if refused.status in REPEATED:
                    return None
                raise
            except ApiError:
                # Whatever became of the repeat, the first is still unknown.
                raise lost from None

    def settle(self, client: SmileClient, write: Write) -> Settlement:
        # No call reads an activity back.
        return Settlement(found={}, needs_person=True)


def shown_change(points: int | Decimal) -> str:
    """A change of points with its sign, for a sentence."""
    return f"{'+' if points > 0 else '−'}{number(points if points > 0 else -points)}"
