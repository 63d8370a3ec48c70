"""One row of everything people can look at, all with the same key, named in words no catalogue knows."""

from datetime import time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from customers.bridge.models import (
    Bridge,
    FeedIssue,
    PosFile,
    PosMachine,
    PosReversal,
    PosSale,
    PosSaleEvent,
    PosStore,
    ReferenceSale,
    Road,
)
from customers.bridge.transitions import Event
from customers.bridge.words import REASONS
from customers.imports.models import Import, ImportRow
from customers.models import Customer, Note, Sale, Tag
from customers.points.models import EarningRule, PointsTransaction, VipTier
from customers.rules.models import Campaign, RuleVersion, Simulation
from rewards.models import Category, Reward, StockChange
from rewards.products.models import Offer, PointsProduct
from smartbis_admin.api import transport
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.staff.models import Shift, Store, Till, User
from smartbis_admin.sync.models import Drift, RowIssue, SyncRun
from smartbis_admin.ui.models import BulkJob
from smartbis_admin.writes.models import Write
from vouchers.contingency.models import ContingencyUse
from vouchers.dashboard.figures import refresh
from vouchers.fulfilments.models import Fulfilment
from vouchers.models import Redemption, Voucher
from vouchers.outreach.models import Campaign as Outing
from vouchers.outreach.models import Incoming, Message, Receipt, SurveyAnswer, Template
from vouchers.outreach.models.texts import CHANNELS
from vouchers.outreach.triggers import Action, Trigger
from vouchers.reversals.models import ReversalCase

NUMBER = 987_654
#: SmartPOS accounts: one set up, one whose setting up has just begun.
SET_UP, BEGUN = ACCOUNTS = (NUMBER + 1, NUMBER + 2)
#: The accounts of a shop's points and of a wallet, and their customers.
SHOP, WALLET = NUMBER + 3, NUMBER + 4
UUID_KEY = UUID("00000000-0000-4000-8000-000000000000")
OTHER_UUID = UUID("00000000-0000-4000-8000-000000000001")
CPF = "52998224725"
CODE = "QX7K2M9Z"


@pytest.fixture
def everything(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows for every list and every page; nobody answers on their connection."""
    monkeypatch.setattr(transport, "READ_WAITS", ())
    now = timezone.now()
    there = Connection.objects.create(
        pk=NUMBER, name="Qwx", base_url="https://api.invalid/v2/", last_ok_at=now, last_error_at=now
    )
    RuleVersion.objects.create(
        pk=NUMBER,
        connection=there,
        valid_from=now + timedelta(days=9),
        cashback_percent=Decimal(7),
        points_per_brl=Decimal("0.1"),
        minimum_to_earn=Decimal(2),
        voucher_threshold=Decimal(20),
        voucher_validity_days=90,
        voucher_minimum_purchase=Decimal(50),
        excluded_stores=[NUMBER],
        excluded_methods=["credit", "debit", "voucher", "cash"],
        first_day=now.date(),
        last_day=now.date(),
        created_by=owner,
    )
    base = RuleVersion.objects.create(
        connection=there, valid_from=there.created_at, cashback_percent=Decimal(5), points_per_brl=Decimal(1)
    )
    for number, state in enumerate(("done", "running")):
        Simulation.objects.create(
            pk=NUMBER + number, connection=there, base=base, since=now.date(), until=now.date(),
            created_by=owner, state=state, points_per_brl=Decimal(2),
            result={
                "amount": "9", "cashback_before": "1", "cashback_after": "2", "points_before": "1",
                "points_after": "2", "cashback_given": "1", "points_given": "1", "sales": 3, "from_files": 1,
                "left_out": 1, "earned_before": 1, "earned_after": 2, "given": 1,
                "most": [{
                    "sold_at": now.isoformat(), "amount": "9", "store": "Qwx 1", "cashback_before": "1",
                    "cashback_after": "2", "points_before": "1", "points_after": "2", "cashback_given": None,
                    "points_given": None, "write": "",
                }],
            } if state == "done" else {},
        )  # fmt: skip
    Campaign.objects.create(
        pk=NUMBER, connection=there, name="Qwx", first_day=now.date(), last_day=now.date() + timedelta(days=9),
        weekdays=[0, 1, 2, 3, 4, 5, 6], from_time=time(8), until_time=time(9), stores=[NUMBER], machines=["Qwx"],
        category="Qwx", cashback_multiplier=2, points_multiplier=2, created_by=owner,
    )  # fmt: skip
    store = Store.objects.create(pk=NUMBER, name="Qwx 1")
    till = Till.objects.create(pk=NUMBER, store=store, name="Qwx 2")
    shift = Shift.objects.create(
        pk=NUMBER, till=till, cashier=owner, opened_at=now - timedelta(days=1), seen_at=now, closed_at=now
    )
    mirrored: dict[str, Any] = {"pk": NUMBER, "connection": there, "remote_id": "1", "content_hash": b""}
    customer = Customer.objects.create(
        **mirrored,
        name="Qwx Yzk",
        name_search="qwx yzk",
        cpf=CPF,
        phone="+5511988880001",
        email="qwx@people.test",
        birth_date=now.date(),
        points_balance=Decimal("1234.5"),
        cashback_balance=Decimal("1234.56"),
        remote_created_at=now,
    )
    Category.objects.create(**mirrored, name="Qwx 3", remote_created_at=now)
    reward = Reward.objects.create(
        **mirrored,
        name="Qwx 4",
        category_remote_id="1",
        points_required=Decimal(80),
        stock=5,
        limit_per_customer=2,
        starts_at=now,
        ends_at=now + timedelta(days=30),
        status=Reward.Status.ACTIVE,
    )
    voucher = Voucher.objects.create(
        **mirrored | {"remote_id": CODE},
        code_key=CODE,
        customer_remote_id="1",
        reward_remote_id="1",
        origin=Voucher.Origin.POINTS,
        status=Voucher.Status.USED,
        value=Decimal("1234.56"),
        minimum_purchase=Decimal(50),
        issued_at=now - timedelta(days=2),
        expires_at=now + timedelta(days=5),
        used_at=now,
    )
    _make_writes(there, owner, till, customer, reward)
    Redemption.objects.create(
        pk=UUID_KEY,
        connection=there,
        code=CODE,
        code_sent=voucher.remote_id,
        state=Redemption.State.VALID,
        cashier=owner,
        store=store,
        till=till,
        shift=shift,
        happened_at=now,
        decided_at=now,
    )
    # One more, whose reversal nobody asked for yet.
    Redemption.objects.create(
        pk=OTHER_UUID, connection=there, code="QX8", code_sent="QX8", state=Redemption.State.VALID, cashier=owner,
        store=store, till=till, shift=shift, happened_at=now, decided_at=now,
    )  # fmt: skip
    ReversalCase.objects.create(
        pk=NUMBER,
        redemption_id=UUID_KEY,
        reason=ReversalCase.Reason.WRONG_VOUCHER,
        note="Qwx",
        opened_by=owner,
    )
    _make_runs(there)
    _make_card_machines(there, owner, store)
    _make_messages(there, owner)
    _make_programmes(owner)
    _make_care(owner, customer)
    ContingencyUse.objects.create(
        redemption_id=UUID_KEY,
        till=till,
        accepted_at=now,
        policy={"mode": "accept", "max_value": "50.00", "max_per_hour": 5, "needs_pin": True},
        breach=ContingencyUse.Breach.TOO_DEAR,
        state=ContingencyUse.State.CONFLICT,
    )
    batch = Import.objects.create(
        pk=NUMBER,
        kind=Import.Kind.CUSTOMERS,
        connection=there,
        file_name="qwx.csv",
        digest="0" * 64,
        format="csv",
        encoding="utf-8",
        delimiter=";",
        sample=[["qwx", "yzk"], ["1", "2"]],
        state=Import.State.CHECKED,
        rows_read=2,
        created_by=owner,
    )
    for number, state in enumerate(ImportRow.State.values, 1):
        ImportRow.objects.create(
            batch=batch, number=number, cells=["qwx"], problems=[["cpf", "invalid"]], state=state
        )
    refresh(now)


def _make_writes(there: Connection, owner: User, till: Till, customer: Customer, reward: Reward) -> None:
    """One write of every kind, each in doubt, with what hangs on it."""
    asked: dict[str, Any] = {"connection": there, "state": Write.State.IN_DOUBT, "actor": owner, "till": till}
    kinds: dict[str, dict[str, Any]] = {
        "create_customer": {"name": "Qwx", "cpf": CPF},
        "set_stock": {"reward_remote_id": "1"},
        "create_category": {"name": "Qwx"},
        "validate_voucher": {"code": CODE},
    }
    writes = {
        kind: Write.objects.create(pk=uuid4(), kind=kind, payload=payload, **asked)
        for kind, payload in kinds.items()
    }
    StockChange.objects.create(reward=reward, write=writes["set_stock"], before=None, target=5)
    sale = {"amount": "1234.56", "customer_remote_id": "1", "cpf": CPF}
    Sale.objects.create(
        connection=there,
        write=Write.objects.create(pk=UUID_KEY, kind="register_sale", payload=sale, **asked),
        customer_remote_id=customer.remote_id,
        amount=Decimal("1234.56"),
        cashback_estimate=Decimal("61.73"),
        points_estimate=Decimal("1234"),
        sold_at=timezone.now(),
        store=till.store,
        till=till,
        registered_by=owner,
    )


def _make_programmes(owner: User) -> None:
    """A shop's points and a wallet, each with a customer and rows of all their lists."""
    now = timezone.now()
    accounts = {
        pk: Connection.objects.create(
            pk=pk, provider=provider, name=f"Qwx {pk}", base_url="https://programme.invalid/", last_ok_at=now
        )
        for pk, provider in ((SHOP, Provider.SMILE), (WALLET, Provider.SMARTPASSES))
    }
    for pk, account in accounts.items():
        Customer.objects.create(
            pk=pk, connection=account, remote_id="1", content_hash=b"", name="Qwx", name_search="qwx",
            points_balance=Decimal(900), tier_remote_id="1", remote_created_at=now,
        )  # fmt: skip
    told: dict[str, Any] = {"pk": NUMBER, "connection": accounts[SHOP], "remote_id": "1", "content_hash": b""}
    VipTier.objects.create(**told, name="Qwx", milestone=Decimal(500), perks="Qwx", entry_rewards="Qwx")
    EarningRule.objects.create(
        **told,
        name="Qwx",
        points=Decimal(5),
        per_amount=Decimal(1),
        limit=2,
        limit_days=30,
        tier_remote_ids="1",
    )
    for number, change in enumerate((Decimal(900), Decimal(-5))):
        PointsTransaction.objects.create(
            **told | {"pk": NUMBER + number, "remote_id": str(number)}, customer_remote_id="1",
            points_change=change, description="Qwx", internal_note="Qwx", remote_created_at=now,
        )  # fmt: skip
    for number, exchange in enumerate(PointsProduct.Exchange):
        PointsProduct.objects.create(
            **told | {"pk": NUMBER + number, "remote_id": str(number)}, exchange_type=exchange, price=Decimal(100),
            step=Decimal(100), step_value=Decimal(5), minimum=Decimal(100), maximum=Decimal(500),
            reward_name="Qwx", reward_description="Qwx",
        )  # fmt: skip
    for number, status in enumerate(Fulfilment.Status):
        Fulfilment.objects.create(
            **told | {"pk": NUMBER + number, "remote_id": str(number)}, name="Qwx", code=f"QWX{number}",
            customer_remote_id="1", status=status, usage=Fulfilment.Usage.values[number % 4], expires_at=now,
            usage_instructions="Qwx", terms_and_conditions="Qwx", remote_created_at=now,
        )  # fmt: skip
    for number, stage in enumerate(Offer.Status):
        Offer.objects.create(
            **told | {"pk": NUMBER + number, "remote_id": str(number), "connection": accounts[WALLET]},
            name="Qwx", description="Qwx", points_cost=Decimal(50), auto_claim=False, status=stage,
        )  # fmt: skip
    Write.objects.create(
        pk=OTHER_UUID, kind="buy_points_product", connection=accounts[SHOP], state=Write.State.DONE, actor=owner,
        payload={"customer_remote_id": "1", "product_remote_id": "1", "points": "100", "reward_name": "Qwx"},
        result={"fulfilment": {"code": "QWX1", "expires_at": now.isoformat(), "usage_instructions": "Qwx"}},
    )  # fmt: skip


def _make_care(owner: User, customer: Customer) -> None:
    """A note, a tag, and the act that put it on many customers."""
    Note.objects.create(pk=NUMBER, customer=customer, text="Qwx", author=owner, created_at=timezone.now())
    tag = Tag.objects.create(pk=NUMBER, name="Qwx", created_by=owner)
    BulkJob.objects.create(
        pk=UUID_KEY, user=owner, action="customers.add_tag", values={"tag": tag.pk, "name": "Qwx"},
        list_title="Qwx", list_url="/", pks=[customer.pk], state=BulkJob.State.DONE,
    )  # fmt: skip


def _make_card_machines(there: Connection, owner: User, store: Store) -> None:
    """Two accounts, a sale in every state and with every flag and step, a machine, a file and a problem of a feed."""
    now = timezone.now()
    account, begun = (
        Connection.objects.create(
            pk=pk, provider=Provider.SMARTPOS, name=f"Qwx {pk}", base_url="https://pos.invalid/", last_ok_at=heard
        )
        for pk, heard in ((SET_UP, now), (BEGUN, None))
    )  # fmt: skip
    bridge = Bridge.objects.create(
        connection=account, target=there, mode=Bridge.Mode.OBSERVE, waits_for="busy", mode_by=owner,
        pushed_at=now, last_event_at=now,
    )  # fmt: skip
    machine = PosMachine.objects.create(
        pk=NUMBER, bridge=bridge, remote_id="Qwx 5", label="Qwx 5", is_listed=True, last_seen_at=now
    )
    PosStore.objects.create(pk=NUMBER, bridge=bridge, remote_id="Qwx 6", store=store)
    told: dict[str, Any] = {
        "bridge": bridge, "road": Road.PULL, "machine": machine, "amount": Decimal("1234.56"), "installments": 3,
        "payment_method": PosSale.Method.CREDIT, "status": PosSale.Status.APPROVED, "sold_at": now,
        "buyer_cpf": CPF, "buyer_name": "Qwx", "state_since": now, "received_at": now,
    }  # fmt: skip
    reasons = iter(REASONS)
    for state in PosSale.State:
        PosSale.objects.create(**told, remote_id=state, state=state, reason=next(reasons))
    sale = PosSale.objects.create(
        **told, pk=NUMBER, remote_id="Qwx 7", state=PosSale.State.REGISTERED, connection=there,
        customer_remote_id="1", reversal_due=True, changed_after_send=True, conflicting_data=True,
        later_content={"amount": "10.00", "sold_at": now.isoformat(), "buyer_phone": "+5511988880001"},
    )  # fmt: skip
    PosReversal.objects.create(sale=sale, opened_at=now, cause=PosSale.Status.CANCELLED)
    observed = PosSale.objects.create(
        **told, remote_id="Qwx 8", state=PosSale.State.INELIGIBLE, reason="panel_connection", connection=there,
        customer_remote_id="1",
    )  # fmt: skip
    tried: dict[str, Any] = {"started_at": now, "started_by": owner}
    ReferenceSale.objects.create(**tried, bridge=bridge, sale=observed)
    ReferenceSale.objects.create(**tried, bridge=Bridge.objects.create(connection=begun))
    for event in Event:
        PosSaleEvent.objects.create(
            sale=sale, at=now, event=event, to_state=sale.state,
            reason="pull" if event == Event.STORED else "reversal_due", note="amount",
        )  # fmt: skip
    PosFile.objects.create(
        pk=NUMBER, bridge=bridge, name="qwx.csv", digest="0", format="csv", created_by=owner
    )
    FeedIssue.objects.create(bridge=bridge, road=Road.PUSH, reason="missing", first_at=now, last_at=now)


def _make_messages(there: Connection, owner: User) -> None:
    """A message in every state and for every reason, a campaign, texts, and what customers said back."""
    now = timezone.now()
    customer = Customer.objects.get(connection=there, remote_id="1")
    for channel in CHANNELS:
        Template.objects.create(
            trigger=Trigger.NPS, channel=channel, language="pt-br", version=1, subject="Qwx", body="Qwx {nome}",
            action=Action.SURVEY, action_label="Qwx", whatsapp_name="qwx", created_by=owner,
        )  # fmt: skip
    for number, state in enumerate(Outing.State):
        Outing.objects.create(
            pk=NUMBER + number, name="Qwx", state=state, created_by=owner, started_at=now, found=9, reachable=5,
            held_out=1, by_channel={"email": 5}, left_out=dict.fromkeys(Message.Reason.values, 1),
            audience_trigger=Trigger.INACTIVE if number else "", audience_query="q=qwx",
        )  # fmt: skip
    told: dict[str, Any] = {
        "customer": customer, "channel": "email", "zone": "America/Sao_Paulo", "queued_at": now, "not_before": now,
        "expires_at": now, "subject": "Qwx", "body": "Qwx",
    }  # fmt: skip
    for number, trigger in enumerate(Trigger):
        Message.objects.create(
            **told, trigger=trigger, person=f"a{number}", occasion="a", state="sent", sent_at=now
        )
    for number, reason in enumerate(Message.Reason):
        Message.objects.create(
            **told, trigger=Trigger.WELCOME, person=f"b{number}", occasion=f"b{number}", state="dropped",
            reason=reason, ended_at=now,
        )  # fmt: skip
    for number, stage in enumerate(Message.State):
        Message.objects.create(
            **told, trigger=Trigger.REDEEMED, person=f"c{number}", occasion=f"c{number}", state=stage
        )
    asked = Message.objects.create(
        **told, pk=UUID_KEY, trigger=Trigger.NPS, person="d", occasion="d", state="in_doubt", left_at=now,
        campaign_id=NUMBER,
    )  # fmt: skip
    for status in Receipt.Status:
        Receipt.objects.create(message=asked, status=status, at=now)
    SurveyAnswer.objects.create(
        message=asked, customer=customer, channel="email", score=9, comment="Qwx", answered_at=now
    )
    Incoming.objects.create(
        connection=there, remote_id="q", sender="+5511988880001", customer=customer, text="Qwx", at=now,
        is_opt_out=True,
    )  # fmt: skip


def _make_runs(there: Connection) -> None:
    """A run that waits for a person, a running one, and a difference of every kind."""
    now = timezone.now()
    run = SyncRun.objects.create(
        pk=NUMBER,
        connection=there,
        resource="customers",
        state=SyncRun.State.NEEDS_ATTENTION,
        reason="brake",
        started_at=now,
        finished_at=now,
        rows_held=30,
    )
    RowIssue.objects.create(run=run, field="qwx", problem="qwx")
    SyncRun.objects.create(
        connection=there, resource="rewards", state=SyncRun.State.RUNNING, started_at=now, rows_expected=9
    )
    for number, kind in enumerate(Drift.Kind.values):
        Drift.objects.create(
            pk=NUMBER + number,
            connection=there,
            run=run,
            resource="customers",
            kind=kind,
            remote_id="1",
            label="Qwx",
            before={"name": "Qwx"},
            after={"name": "Qwx Yzk"},
        )
