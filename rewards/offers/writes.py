"""Writes on offers, as the ledger sees them: create, update, publish, cancel, delete.

Before each the platform's list is read: a change that the offer's state does not allow never leaves.
Source: `smartpasses-v1.md` §4.4, §4.5.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rewards.offers.life import ALLOWED
from rewards.products.models import Offer
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.errors import Refused
from smartbis_admin.api.points import OfferDraft, OfferRecord, OfferStatus
from smartbis_admin.api.records import Record
from smartbis_admin.api.smartpasses import SmartPassesClient
from smartbis_admin.sync.engine import store_records
from smartbis_admin.ui.formats import number
from smartbis_admin.writes.kinds import Settlement, WriteKind, register
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import MINIMUM_AGE, absent_twice, next_negative_look

FIELDS = ("name", "description", "points_cost", "auto_claim")


def _draft(write: Write) -> OfferDraft:
    return OfferDraft(**{name: write.payload[name] for name in FIELDS if name in write.payload})


def has_all(record: OfferRecord, asked: Mapping[str, Any]) -> bool:
    """Whether an offer has every value asked for; a missing description is an empty one."""
    for name in FIELDS:
        if name not in asked:
            continue
        there = getattr(record, name)
        if name == "description":
            there = there or ""
        if there != (Decimal(asked[name]) if name == "points_cost" else asked[name]):
            return False
    return True


def _find(client: SmartPassesClient, write: Write) -> OfferRecord | None:
    rows: list[OfferRecord] = client.all(Resource.OFFERS)
    return next((row for row in rows if row.remote_id == write.payload["offer_remote_id"]), None)


def _told(write: Write) -> list[tuple[str | Promise, str]]:
    asked = write.payload
    told: list[tuple[str | Promise, str]] = []
    if "name" in asked:
        told.append((_("Nome"), asked["name"]))
    if "points_cost" in asked:
        told.append((_("Preço em pontos"), number(Decimal(asked["points_cost"]))))
    return told


class _OfferKind(WriteKind[SmartPassesClient]):
    """What the writes on offers share."""

    capability = Capability.EDIT_OFFERS

    def outcome(self, write: Write, record: Record | None) -> None:
        if write.state == Write.State.DONE and isinstance(record, OfferRecord):
            store_records(write.connection, Resource.OFFERS, [record])


@register
class CreateOffer(_OfferKind):
    """Create a draft. Settled by an offer with the same four fields that was not listed before."""

    name = "create_offer"
    label = _("Criar oferta")

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        return _told(write)

    def prepare(self, client: SmartPassesClient, write: Write) -> Mapping[str, Any]:
        return {"ids": [row.remote_id for row in client.all(Resource.OFFERS)]}

    def send(self, client: SmartPassesClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        return client.create_offer(_draft(write))

    def settle(self, client: SmartPassesClient, write: Write) -> Settlement:
        before = set(write.before.get("ids", []))
        rows: list[OfferRecord] = client.all(Resource.OFFERS)
        new = [row for row in rows if row.remote_id not in before and has_all(row, write.payload)]
        found = {"matches": len(new)}
        if len(new) == 1:
            return Settlement(found=found, state=Write.State.DONE, record=new[0])
        if not new and write.sent_at is not None and timezone.now() - write.sent_at < MINIMUM_AGE:
            return Settlement(found=found, again=next_negative_look(write, apart=client.list_rest))
        return Settlement(found=found, needs_person=True)


class _OfferChange(_OfferKind):
    """A change of an offer that is there, allowed in some of its states only."""

    #: Its word in `life.ALLOWED`.
    act: ClassVar[str]
    #: States that show it happened.
    shown_by: ClassVar[frozenset[OfferStatus]] = frozenset()

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        remote_id = write.payload["offer_remote_id"]
        row = Offer.objects.filter(connection=write.connection_id, remote_id=remote_id).first()
        return [(_("Oferta"), row.name if row else remote_id), *_told(write)]

    def prepare(self, client: SmartPassesClient, write: Write) -> Mapping[str, Any]:
        """Refused here, and nothing leaves: `not_found`, `offer_status`."""
        record = _find(client, write)
        if record is None:
            withdraw(write)
            raise Refused("the offer is not listed any more", code="not_found")
        store_records(write.connection, Resource.OFFERS, [record])
        if str(record.status) not in ALLOWED[self.act]:
            raise Refused(f"the offer is {record.status}", code="offer_status")
        return {"status": str(record.status)}

    def settle(self, client: SmartPassesClient, write: Write) -> Settlement:
        record = _find(client, write)
        happened = record is not None and self.happened(record, write)
        found = {"status": str(record.status) if record else None, "happened": happened}
        if happened:
            return Settlement(found=found, state=Write.State.DONE, record=record)
        if record is None:
            return Settlement(found=found, needs_person=True)
        if absent_twice(write, "happened", False):
            return Settlement(found=found, state=Write.State.NOT_DONE)
        return Settlement(found=found, again=next_negative_look(write, apart=client.list_rest))

    def happened(self, record: OfferRecord, write: Write) -> bool:
        """Whether the offer, as listed, shows the change."""
        return record.status in self.shown_by


@register
class UpdateOffer(_OfferChange):
    """Change what is given. Settled by comparing."""

    name = "update_offer"
    label = _("Alterar oferta")
    act = "update"

    def send(self, client: SmartPassesClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        return client.update_offer(write.payload["offer_remote_id"], _draft(write))

    def happened(self, record: OfferRecord, write: Write) -> bool:
        return has_all(record, write.payload)


@register
class PublishOffer(_OfferChange):
    """Publish a draft. A cancelled offer was published before."""

    name = "publish_offer"
    label = _("Publicar oferta")
    act = "publish"
    shown_by = frozenset({OfferStatus.PUBLISHED, OfferStatus.CANCELLED})

    def send(self, client: SmartPassesClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        return client.publish_offer(write.payload["offer_remote_id"])


@register
class CancelOffer(_OfferChange):
    """End a published offer."""

    name = "cancel_offer"
    label = _("Cancelar oferta")
    act = "cancel"
    shown_by = frozenset({OfferStatus.CANCELLED})

    def send(self, client: SmartPassesClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        return client.cancel_offer(write.payload["offer_remote_id"])


@register
class DeleteOffer(_OfferChange):
    """Delete a draft. Settled by whether it is still listed."""

    name = "delete_offer"
    label = _("Excluir oferta")
    act = "delete"

    def send(self, client: SmartPassesClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        client.delete_offer(write.payload["offer_remote_id"])
        return None

    def outcome(self, write: Write, record: Record | None) -> None:
        if write.state == Write.State.DONE:
            withdraw(write)

    def settle(self, client: SmartPassesClient, write: Write) -> Settlement:
        found = {"listed": _find(client, write) is not None}
        if not found["listed"]:
            return Settlement(found=found, state=Write.State.DONE)
        if absent_twice(write, "listed", True):
            return Settlement(found=found, state=Write.State.NOT_DONE)
        return Settlement(found=found, again=next_negative_look(write, apart=client.list_rest))


def withdraw(write: Write) -> None:
    """Note that the platform no longer has the offer of a write."""
    now = timezone.now()
    Offer.objects.filter(
        connection=write.connection_id, remote_id=write.payload["offer_remote_id"], withdrawn_at=None
    ).update(missing_since=now, withdrawn_at=now)
