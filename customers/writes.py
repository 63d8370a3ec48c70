"""The two writes of this room, as the ledger sees them: create a customer, register a sale.

Each says how it is sent, what its outcome means here, and how a lost answer is settled.
Source: `smartbis-v2.md` §4.2.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.drift import note_benefit
from customers.models import Customer, Sale
from customers.rules.models import RuleVersion
from smartbis_admin.api.brazil import mask_cpf
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.records import UNSET, CustomerDraft, CustomerRecord, Record, SaleDraft, SaleRecord
from smartbis_admin.api.smartbis import SmartbisClient
from smartbis_admin.api.walk import WalkOutcome, iterate
from smartbis_admin.sync.engine import store_records
from smartbis_admin.ui.formats import money
from smartbis_admin.writes.kinds import Settlement, WriteKind, register
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import (
    CLOCK_TOLERANCE,
    MINIMUM_AGE,
    absent_twice,
    next_negative_look,
)

CENT = Decimal("0.01")
#: A first reading of balances older than this before the send is no evidence.
READING_AGE = timedelta(minutes=10)


@register
class CreateCustomer(WriteKind[SmartbisClient]):
    """Create a customer. Settled by looking the CPF up."""

    name = "create_customer"
    label = _("Cadastrar cliente")
    capability = Capability.CREATE_CUSTOMER

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        return [(_("Nome"), write.payload["name"]), (_("CPF"), mask_cpf(write.payload["cpf"]))]

    def send(self, client: SmartbisClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        payload = write.payload
        birth_date = payload.get("birth_date")
        return client.create_customer(
            CustomerDraft(
                name=payload["name"],
                cpf=payload["cpf"],
                phone=payload["phone"],
                password=secrets.get("password"),
                email=payload.get("email"),
                birth_date=date.fromisoformat(birth_date) if birth_date else None,
            )
        )

    def outcome(self, write: Write, record: Record | None) -> None:
        if write.state == Write.State.DONE and isinstance(record, CustomerRecord):
            store_records(write.connection, Resource.CUSTOMERS, [record])

    def settle(self, client: SmartbisClient, write: Write) -> Settlement:
        cpf = write.payload["cpf"]
        lookup = client.find_customers(cpf=cpf)
        matches = {row.remote_id: row for row in lookup.matches}
        if not matches and not lookup.filter_honoured:
            # The filter is not honoured: only a walk over everybody may say "nobody".
            walk = client.walk(Resource.CUSTOMERS)
            for page in iterate(walk):
                matches |= {row.remote_id: row for row in page.records if row.cpf == cpf}
            if not matches and walk.outcome is not WalkOutcome.COMPLETE:
                return Settlement(found={"matches": None, "walk": "incomplete"})
        found: dict[str, Any] = {"matches": len(matches)}
        if len(matches) == 1:
            record = next(iter(matches.values()))
            created = record.created_at
            if isinstance(created, datetime) and write.sent_at and created < write.sent_at - CLOCK_TOLERANCE:
                found["note"] = "already_existed"
            return Settlement(found=found, state=Write.State.DONE, record=record)
        if matches:
            return Settlement(found=found, needs_person=True)
        if absent_twice(write, "matches", 0):
            return Settlement(found=found, state=Write.State.NOT_DONE)
        return Settlement(found=found, again=next_negative_look(write))


@register
class RegisterSale(WriteKind[SmartbisClient]):
    """Register a sale. It cannot be read back: balances before and after are evidence, a person decides."""

    name = "register_sale"
    label = _("Registrar venda")
    capability = Capability.REGISTER_SALE

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        customer = Customer.objects.filter(
            connection=write.connection_id, remote_id=write.payload["customer_remote_id"]
        ).first()
        return [
            (_("Valor da venda"), money(Decimal(write.payload["amount"]))),
            (_("Cliente"), customer.name if customer else write.payload["customer_remote_id"]),
            (_("CPF"), mask_cpf(write.payload.get("cpf"))),
        ]

    def prepare(self, client: SmartbisClient, write: Write) -> Mapping[str, Any]:
        return {"balances": self._read_balances(client, write)}

    def send(self, client: SmartbisClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        return client.register_sale(
            SaleDraft(
                amount=Decimal(write.payload["amount"]),
                customer_remote_id=write.payload["customer_remote_id"],
            )
        )

    def outcome(self, write: Write, record: Record | None) -> None:
        if write.state != Write.State.DONE or not isinstance(record, SaleRecord):
            return
        issued = [] if record.vouchers is UNSET else record.vouchers
        Sale.objects.filter(write=write).update(
            remote_id=record.remote_id,
            cashback_amount=None if record.cashback_amount is UNSET else record.cashback_amount,
            points_earned=None if record.points_earned is UNSET else record.points_earned,
            voucher_codes=[voucher.remote_id for voucher in issued],
        )
        note_benefit(Sale.objects.select_related("customer").get(write=write))
        if issued:
            store_records(write.connection, Resource.VOUCHERS, issued)

    def settle(self, client: SmartbisClient, write: Write) -> Settlement:
        now = self._read_balances(client, write)
        found: dict[str, Any] = {"balances": now}
        if write.sent_at is None or _age(write) < MINIMUM_AGE:
            return Settlement(found=found, again=next_negative_look(write))
        strength, rise = _strength(write, now)
        found |= {"strength": strength, **rise}
        if strength != "strong" and _may_have_issued(write):
            strength = self._voucher_strength(client, write, found) or strength
        proposal = "registered" if strength == "strong" else ""
        if proposal and write.connection.settle_sales_alone:
            return Settlement(found=found, state=Write.State.DONE)
        return Settlement(found=found, needs_person=True, proposal=proposal)

    @staticmethod
    def _read_balances(client: SmartbisClient, write: Write) -> dict[str, Any] | None:
        """Both balances now, with the time of reading; None where the customer cannot be looked up."""
        cpf = write.payload.get("cpf")
        if not cpf:
            return None
        lookup = client.find_customers(cpf=cpf)
        for row in lookup.matches:
            if row.remote_id == write.payload["customer_remote_id"]:
                return {
                    "cashback": _text(row.cashback_balance),
                    "points": _text(row.points_balance),
                    "at": timezone.now().isoformat(),
                }
        return None

    @staticmethod
    def _voucher_strength(client: SmartbisClient, write: Write, found: dict[str, Any]) -> str:
        """Look for a voucher the sale would have issued: the whole balance, made within the window."""
        expected = _whole_balance(write)
        if expected is None or write.sent_at is None or write.gave_up_at is None:
            return ""
        start, end = write.sent_at - CLOCK_TOLERANCE, write.gave_up_at + CLOCK_TOLERANCE
        for page in iterate(client.walk(Resource.VOUCHERS)):
            for voucher in page.records:
                issued = voucher.issued_at
                if (
                    voucher.customer_remote_id == write.payload["customer_remote_id"]
                    and isinstance(issued, datetime)
                    and start <= issued <= end
                    and isinstance(voucher.value, Decimal)
                    and abs(voucher.value - expected) <= CENT
                ):
                    found |= {"strength": "strong", "voucher_value": str(voucher.value)}
                    return "strong" if _alone(write) else "weak"
        return ""


def _strength(write: Write, now: dict[str, Any] | None) -> tuple[str, dict[str, Any]]:
    """How strongly the balances speak for the sale: `strong`, `weak` or `none`, and the rises."""
    before = write.before.get("balances")
    if not before or not now:
        return "weak", {}
    rise = {
        name: str(Decimal(now[name]) - Decimal(before[name]))
        for name in ("cashback", "points")
        if now.get(name) is not None and before.get(name) is not None
    }
    if not any(Decimal(value) > 0 for value in rise.values()):
        return "none", {"rise": rise}
    read_at = datetime.fromisoformat(before["at"])
    fresh = write.sent_at is not None and write.sent_at - read_at <= READING_AGE
    expected = {name: write.payload.get(f"{name}_estimate") for name in ("cashback", "points")}
    given = {name: Decimal(value) for name, value in expected.items() if value and Decimal(value) > 0}
    fits = bool(given) and all(
        name in rise and abs(Decimal(rise[name]) - value) <= CENT for name, value in given.items()
    )
    strong = fresh and fits and _alone(write)
    return ("strong" if strong else "weak"), {"rise": rise}


def _alone(write: Write) -> bool:
    """Whether nothing else of ours touched this customer since the first reading."""
    if write.released_at is not None:
        return False
    others = Write.objects.filter(
        connection=write.connection,
        payload__customer_remote_id=write.payload["customer_remote_id"],
        created_at__gte=write.created_at - READING_AGE,
    ).exclude(state__in=[Write.State.REFUSED, Write.State.NOT_SENT, Write.State.NOT_DONE])
    return not others.exclude(pk=write.pk).exists()


def _whole_balance(write: Write) -> Decimal | None:
    """The cashback the customer would have had after the sale: what an automatic voucher is worth."""
    before = write.before.get("balances") or {}
    expected = write.payload.get("cashback_estimate")
    if before.get("cashback") is None or expected is None:
        return None
    return Decimal(before["cashback"]) + Decimal(expected)


def _may_have_issued(write: Write) -> bool:
    """Whether the rule would have turned the balance into a voucher at this sale."""
    rule = RuleVersion.objects.filter(pk=write.payload.get("rule_version")).first()
    balance = _whole_balance(write)
    return bool(
        rule
        and rule.voucher_threshold is not None
        and balance is not None
        and balance >= rule.voucher_threshold
    )


def _age(write: Write) -> timedelta:
    return timezone.now() - (write.sent_at or write.created_at)


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, Decimal) else None
