"""Writes on customers of a wallet programme, as the ledger sees them: create, update, delete, add points.

Each says how it is sent and how a lost answer is settled. Evidence holds no personal data.
Source: `smartpasses-v1.md` §4.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.wallet.models import Card
from smartbis_admin.api.brazil import mask_email, mask_phone, voucher_code_key
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.errors import Refused
from smartbis_admin.api.points import PersonDraft
from smartbis_admin.api.records import CustomerRecord, Record
from smartbis_admin.api.smartpasses import SmartPassesClient
from smartbis_admin.sync.engine import store_records
from smartbis_admin.ui.formats import number
from smartbis_admin.writes.kinds import Settlement, WriteKind, register
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import absent_twice, next_negative_look

FIELDS = ("first_name", "last_name", "email", "phone")


def _draft(write: Write) -> PersonDraft:
    return PersonDraft(**{name: write.payload[name] for name in FIELDS if name in write.payload})


def _told(write: Write) -> list[tuple[str | Promise, str]]:
    """The fields asked for, phone and e-mail masked."""
    asked = write.payload
    told: list[tuple[str | Promise, str]] = []
    if "first_name" in asked or "last_name" in asked:
        name = f"{asked.get('first_name', '')} {asked.get('last_name', '')}".strip()
        told.append((_("Nome"), name or "—"))
    if "phone" in asked:
        told.append((_("Telefone"), mask_phone(asked["phone"]) if asked["phone"] else "—"))
    if "email" in asked:
        told.append((_("E-mail"), mask_email(asked["email"]) if asked["email"] else "—"))
    return told


def customer_named(write: Write) -> tuple[str | Promise, str]:
    """Whom a write is about, for a person."""
    remote_id = write.payload["customer_remote_id"]
    row = Customer.objects.filter(connection=write.connection_id, remote_id=remote_id).first()
    return (_("Cliente"), row.name if row else remote_id)


def _store(write: Write, record: Record | None) -> None:
    if write.state == Write.State.DONE and isinstance(record, CustomerRecord):
        store_records(write.connection, Resource.CUSTOMERS, [record])


@register
class CreatePerson(WriteKind[SmartPassesClient]):
    """Create a customer. Settled by the list: the phone, where there is one, else the e-mail."""

    name = "create_person"
    label = _("Cadastrar cliente na carteira")
    capability = Capability.CREATE_CUSTOMER

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        return _told(write)

    def send(self, client: SmartPassesClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        return client.create_person(_draft(write))

    def outcome(self, write: Write, record: Record | None) -> None:
        _store(write, record)
        if write.state == Write.State.DONE and isinstance(record, CustomerRecord):
            url = record.card_url
            if isinstance(url, str) and url.startswith(("https://", "http://")):
                Card.objects.update_or_create(
                    connection=write.connection,
                    customer_remote_id=record.remote_id,
                    defaults={"url": url, "serial_key": voucher_code_key(record.card_serial or "")[:128]},
                )

    def settle(self, client: SmartPassesClient, write: Write) -> Settlement:
        phone, email = write.payload.get("phone"), (write.payload.get("email") or "").lower()
        known = set(write.before.get("known", []))
        matches: list[CustomerRecord] = [
            row
            for row in client.all(Resource.CUSTOMERS)
            if row.remote_id not in known
            and (row.phone == phone if phone else isinstance(row.email, str) and row.email.lower() == email)
        ]
        found = {"matches": len(matches)}
        if len(matches) == 1:
            return Settlement(found=found, state=Write.State.DONE, record=matches[0])
        if matches:
            return Settlement(found=found, needs_person=True)
        if absent_twice(write, "matches", 0):
            return Settlement(found=found, state=Write.State.NOT_DONE)
        return Settlement(found=found, again=next_negative_look(write, apart=client.list_rest))


@register
class UpdatePerson(WriteKind[SmartPassesClient]):
    """Change what is given. Settled by comparing; harmless to repeat, because it never touches points."""

    name = "update_person"
    label = _("Alterar cliente da carteira")
    capability = Capability.UPDATE_CUSTOMER

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        return [customer_named(write), *_told(write)]

    def send(self, client: SmartPassesClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        return client.update_person(write.payload["customer_remote_id"], _draft(write))

    def outcome(self, write: Write, record: Record | None) -> None:
        _store(write, record)

    def settle(self, client: SmartPassesClient, write: Write) -> Settlement:
        record = client.read_customer(write.payload["customer_remote_id"])
        same = record is not None and all(
            (getattr(record, name) or "") == write.payload[name] for name in FIELDS if name in write.payload
        )
        found = {"listed": record is not None, "changed": same}
        if same:
            return Settlement(found=found, state=Write.State.DONE, record=record)
        if absent_twice(write, "changed", False):
            return Settlement(found=found, state=Write.State.NOT_DONE)
        return Settlement(found=found, again=next_negative_look(write))


@register
class DeletePerson(WriteKind[SmartPassesClient]):
    """Delete a customer for good. Settled by whether the platform still knows them."""

    name = "delete_person"
    label = _("Excluir cliente da carteira")
    capability = Capability.DELETE_CUSTOMER

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        return [customer_named(write)]

    def send(self, client: SmartPassesClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        client.delete_customer(write.payload["customer_remote_id"])
        return None

    def outcome(self, write: Write, record: Record | None) -> None:
        if write.state != Write.State.DONE:
            return
        remote_id, now = write.payload["customer_remote_id"], timezone.now()
        rows = Customer.objects.filter(connection=write.connection_id, remote_id=remote_id)
        rows.filter(withdrawn_at=None).update(missing_since=now, withdrawn_at=now)
        Card.objects.filter(connection=write.connection_id, customer_remote_id=remote_id).delete()

    def settle(self, client: SmartPassesClient, write: Write) -> Settlement:
        found = {"listed": client.read_customer(write.payload["customer_remote_id"]) is not None}
        if not found["listed"]:
            return Settlement(found=found, state=Write.State.DONE)
        if absent_twice(write, "listed", True):
            return Settlement(found=found, state=Write.State.NOT_DONE)
        return Settlement(found=found, again=next_negative_look(write))


@register
class AddPoints(WriteKind[SmartPassesClient]):
    """Add points. The platform keeps no history: balances before and after are evidence, a person decides."""

    name = "add_points"
    label = _("Adicionar pontos")
    capability = Capability.ADD_POINTS

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        return [customer_named(write), (_("Pontos"), number(Decimal(write.payload["points"])))]

    def prepare(self, client: SmartPassesClient, write: Write) -> Mapping[str, Any]:
        balance = _balance(client, write)
        if balance is None:
            raise Refused("the customer is not there any more", code="not_found")
        return {"balance": balance}

    def send(self, client: SmartPassesClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        return client.add_points(write.payload["customer_remote_id"], write.payload["points"])

    def settle(self, client: SmartPassesClient, write: Write) -> Settlement:
        found = {"before": write.before.get("balance"), "after": _balance(client, write)}
        return Settlement(found=found, needs_person=True)


def _balance(client: SmartPassesClient, write: Write) -> str | None:
    """The customer's points now; None where they are not there."""
    record = client.read_customer(write.payload["customer_remote_id"])
    if record is None:
        return None
    return str(record.points_balance) if isinstance(record.points_balance, Decimal) else ""
