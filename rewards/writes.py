"""The two writes of this room, as the ledger sees them: set a stock, create a category.

Source: `smartbis-v2.md` §4.2 (stock, category).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rewards.models import StockChange
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.errors import Malformed, Refused
from smartbis_admin.api.ports import Client
from smartbis_admin.api.records import UNSET, CategoryRecord, Record, RewardRecord
from smartbis_admin.api.smartbis import SmartbisClient
from smartbis_admin.api.walk import WalkOutcome, iterate
from smartbis_admin.sync.engine import store_records
from smartbis_admin.writes.kinds import Settlement, WriteKind, register
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import absent_twice, next_negative_look


def read_all(client: Client, resource: Resource) -> Iterator[Record]:
    """Every record of a short list. Raises `Malformed` after the last one when the list was cut."""
    walk = client.walk(resource)
    for page in iterate(walk):
        yield from page.records
    if walk.outcome is not WalkOutcome.COMPLETE:
        raise Malformed("the list ended early")


def _read_reward(client: Client, remote_id: str) -> RewardRecord | None:
    """One reward as the platform describes it now; None where its whole list does not hold it."""
    for record in read_all(client, Resource.REWARDS):
        if record.remote_id == remote_id and isinstance(record, RewardRecord):
            return record
    return None


def _stock(record: RewardRecord) -> int | None:
    # The leanest profile leaves an empty stock out: unlimited either way.
    return None if record.stock is UNSET else record.stock


@register
class SetStock(WriteKind[SmartbisClient]):
    """Set an absolute stock. Read first, compare with what the editor saw, then send."""

    name = "set_stock"
    label = _("Alterar estoque")
    capability = Capability.SET_STOCK

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        change = StockChange.objects.select_related("reward").get(write=write)
        seen = _("Ilimitado") if change.before is None else str(change.before)
        return [
            (_("Recompensa"), change.reward.name),
            (_("Estoque visto"), str(seen)),
            (_("Estoque pedido"), str(change.target)),
        ]

    def prepare(self, client: SmartbisClient, write: Write) -> Mapping[str, Any]:
        record = _read_reward(client, write.payload["reward_remote_id"])
        if record is None:
            raise Refused("", code="coupon_not_found")
        store_records(write.connection, Resource.REWARDS, [record])
        now = _stock(record)
        if now != write.payload["seen"]:
            StockChange.objects.filter(write=write).update(after=now)
            raise Refused("", code="stock_changed")
        return {"stock": now}

    def send(self, client: SmartbisClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        return client.set_stock(
            reward_remote_id=write.payload["reward_remote_id"], stock=write.payload["target"]
        )

    def outcome(self, write: Write, record: Record | None) -> None:
        if write.state != Write.State.DONE:
            return
        change = StockChange.objects.select_related("reward").get(write=write)
        if isinstance(record, RewardRecord):
            store_records(write.connection, Resource.REWARDS, [record])
            change.after = _stock(record)
        else:
            # An empty answer to an absolute number: the platform accepted exactly what was asked.
            change.after = change.target
            accepted = RewardRecord(
                remote_id=change.reward.remote_id, name=change.reward.name, stock=change.target
            )
            store_records(write.connection, Resource.REWARDS, [accepted])
        change.save(update_fields=["after"])

    def settle(self, client: SmartbisClient, write: Write) -> Settlement:
        record = _read_reward(client, write.payload["reward_remote_id"])
        if record is None:
            return Settlement(found={"listed": False}, needs_person=True)
        now = _stock(record)
        found = {"stock": now}
        if now == write.payload["target"]:
            return Settlement(found=found, state=Write.State.DONE, record=record)
        if now != write.before.get("stock"):
            return Settlement(found=found, needs_person=True)
        if absent_twice(write, "stock", now):
            return Settlement(found=found, state=Write.State.NOT_DONE)
        return Settlement(found=found, again=next_negative_look(write))


@register
class CreateCategory(WriteKind[SmartbisClient]):
    """Create a category. Settled by reading the list: names are unique there whatever the capitals."""

    name = "create_category"
    label = _("Criar categoria")
    capability = Capability.CREATE_CATEGORY

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        return [(_("Nome"), write.payload["name"])]

    def send(self, client: SmartbisClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        return client.create_category(name=write.payload["name"])

    def outcome(self, write: Write, record: Record | None) -> None:
        if write.state == Write.State.DONE and isinstance(record, CategoryRecord):
            store_records(write.connection, Resource.CATEGORIES, [record])

    def settle(self, client: SmartbisClient, write: Write) -> Settlement:
        wanted = write.payload["name"].casefold()
        for record in read_all(client, Resource.CATEGORIES):
            if isinstance(record, CategoryRecord) and record.name.casefold() == wanted:
                return Settlement(found={"listed": True}, state=Write.State.DONE, record=record)
        if absent_twice(write, "listed", False):
            return Settlement(found={"listed": False}, state=Write.State.NOT_DONE)
        return Settlement(found={"listed": False}, again=next_negative_look(write))
