"""Writes on offers, with every outcome and every wrong transition, against the real sandbox."""

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from rewards.offers import services
from rewards.products.models import Offer
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from tests.wallet.conftest import VENDOR, sent
from tests.writes.support import look_after

#: The ledger below these writes is tried on both databases in its own tests.
pytestmark = pytest.mark.one_database

State = Write.State
TO = {"publish": "published", "cancel": "cancelled"}
FROM = {
    "update": ("draft", "published"),
    "publish": ("draft",),
    "cancel": ("published",),
    "delete": ("draft",),
}


def create(wallet: Connection, by: User) -> Write:
    return services.create_offer(
        id=uuid.uuid4(),
        connection=wallet,
        name="Bolo",
        description="",
        points_cost=25,
        auto_claim=True,
        actor=by,
    )


def change(offer: Offer, kind: str, by: User) -> Write:
    if kind == "update":
        return services.update_offer(id=uuid.uuid4(), offer=offer, changes={"points_cost": 15}, actor=by)
    return services.move_offer(id=uuid.uuid4(), offer=offer, act=kind, actor=by)


def shows(offer: Offer, kind: str) -> bool:
    """Whether our copy shows the change."""
    offer.refresh_from_db()
    if kind == "update":
        return offer.points_cost == Decimal(15)
    return offer.withdrawn_at is not None if kind == "delete" else offer.status == TO[kind]


def test_a_new_offer_begins_as_a_draft(wallet: Connection, sandbox: SandboxServer, manager: User) -> None:
    assert create(wallet, manager).state == State.DONE
    offer = Offer.objects.get()
    assert (offer.name, offer.points_cost, offer.auto_claim, offer.status) == (
        "Bolo", Decimal(25), True, "draft",
    )  # fmt: skip
    assert sent(sandbox) == [("POST", "offers", True)]


@pytest.mark.parametrize("happened", [True, False])
def test_a_lost_creation_is_found_by_its_fields_or_is_for_a_person(
    wallet: Connection, sandbox: SandboxServer, manager: User, act: Callable[..., Any], happened: bool
) -> None:
    # The same four fields, but listed before.
    act("add_offer", name="Bolo", description="", points_cost=25, auto_claim=True)
    sandbox.fault("drop_after" if happened else "drop_before", method="POST", path="*/offers", vendor=VENDOR)
    write = create(wallet, manager)
    assert write.state == State.IN_DOUBT
    write = look_after(write)
    assert write.evidence[-1]["found"] == {"matches": int(happened)}
    assert (write.state, write.needs_person) == ((State.DONE, False) if happened else (State.IN_DOUBT, True))
    assert sent(sandbox) == [("POST", "offers", happened)]


@pytest.mark.parametrize("kind", ["update", "publish", "cancel", "delete"])
@pytest.mark.parametrize("status", ["draft", "published", "cancelled"])
def test_only_what_the_state_allows_leaves(
    wallet: Connection,
    offers: dict[str, Offer],
    sandbox: SandboxServer,
    manager: User,
    kind: str,
    status: str,
) -> None:
    write = change(offers[status], kind, manager)
    allowed = status in FROM[kind]
    assert (write.state, write.code) == ((State.DONE, "") if allowed else (State.REFUSED, "offer_status"))
    assert [row[2] for row in sent(sandbox)] == ([True] if allowed else [])
    if allowed:
        assert shows(offers[status], kind)


@pytest.mark.parametrize("kind", ["update", "publish", "cancel", "delete"])
@pytest.mark.parametrize("happened", [True, False])
def test_a_lost_change_is_settled_by_the_list(
    wallet: Connection,
    offers: dict[str, Offer],
    sandbox: SandboxServer,
    manager: User,
    kind: str,
    happened: bool,
) -> None:
    offer = offers[FROM[kind][0]]
    method = "DELETE" if kind == "delete" else "POST"
    sandbox.fault("drop_after" if happened else "drop_before", method=method, vendor=VENDOR)
    write = change(offer, kind, manager)
    assert write.state == State.IN_DOUBT
    write = look_after(write)
    if not happened:
        assert write.state == State.IN_DOUBT
        write = look_after(write)
    assert write.state == (State.DONE if happened else State.NOT_DONE)
    assert [row[2] for row in sent(sandbox)] == [happened]
    assert shows(offer, kind) == happened


def test_an_offer_changed_elsewhere_is_seen_before_anything_leaves(
    wallet: Connection, offers: dict[str, Offer], sandbox: SandboxServer, manager: User
) -> None:
    """Our copy still says draft; the platform does not."""
    published = offers["published"]
    Offer.objects.filter(pk=published.pk).update(status="draft", content_hash=b"")
    published.refresh_from_db()
    write = change(published, "publish", manager)
    published.refresh_from_db()
    assert (write.code, published.status, sent(sandbox)) == ("offer_status", "published", [])


def test_an_offer_deleted_elsewhere_is_withdrawn_here(
    wallet: Connection, offers: dict[str, Offer], sandbox: SandboxServer, manager: User
) -> None:
    draft = offers["draft"]
    Offer.objects.filter(pk=draft.pk).update(remote_id="999999")
    draft.refresh_from_db()
    write = change(draft, "publish", manager)
    draft.refresh_from_db()
    assert (write.state, write.code, sent(sandbox)) == (State.REFUSED, "not_found", [])
    assert draft.withdrawn_at is not None


def test_the_platform_may_be_out_of_reach(
    wallet: Connection, offers: dict[str, Offer], sandbox: SandboxServer, manager: User
) -> None:
    Connection.objects.update(base_url="http://127.0.0.1:9/")
    draft = Offer.objects.select_related("connection").get(pk=offers["draft"].pk)
    assert change(draft, "publish", manager).state == State.NOT_SENT
    assert sent(sandbox) == []
