"""The screens of offers: exact words, every wrong step explained, nothing sent by looking."""

import uuid
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from rewards.products.models import Offer
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.writes.models import Write
from tests.customers.conftest import said
from tests.wallet.conftest import VENDOR, opened, sent

#: Words, access and the wire: nothing here differs from one database to the other.
pytestmark = pytest.mark.one_database

CREATE, LIST = reverse("offers:create"), reverse("offers:list")
WHY = {
    "draft": {"cancel": "Um rascunho não se cancela: exclua-o."},
    "published": {
        "publish": "Esta oferta já está publicada.",
        "delete": "Só rascunhos podem ser excluídos. Cancele a oferta publicada.",
    },
    "cancelled": {
        "update": "Uma oferta cancelada não pode mais ser alterada.",
        "publish": "Uma oferta cancelada não volta a ser publicada. Crie outra.",
        "cancel": "Esta oferta já está cancelada.",
        "delete": "Só rascunhos podem ser excluídos. Uma oferta cancelada permanece.",
    },
}


def address(name: str, offer: Offer) -> str:
    return reverse(f"offers:{name}", args=[offer.pk])


def press(client: Client, act: str, offer: Offer) -> Any:
    """The button, and yes to its question."""
    return client.post(address(act, offer), {"write_id": str(uuid.uuid4()), "confirmed": "1"})


def test_an_offer_is_created_changed_and_published(
    wallet: Connection, sandbox: SandboxServer, manager_client: Client
) -> None:
    form = opened(manager_client, CREATE, name="Bolo", description="Do dia", points_cost="25")
    form.pop("auto_claim")
    response = manager_client.post(CREATE, form)
    offer = Offer.objects.get()
    assert response["Location"] == address("detail", offer)
    edit = opened(manager_client, address("edit", offer), points_cost="20")
    edit.pop("auto_claim")
    manager_client.post(address("edit", offer), edit)
    asked = manager_client.post(address("publish", offer), {"write_id": str(uuid.uuid4())})
    assert "Publicar a oferta “Bolo”? Os clientes passam a vê-la." in asked.content.decode()
    assert len(sent(sandbox)) == 2
    response = press(manager_client, "publish", offer)
    assert said(response)[-1] == "Oferta publicada."
    offer.refresh_from_db()
    assert (offer.points_cost, offer.status, offer.auto_claim) == (20, "published", False)
    assert [row[2] for row in sent(sandbox)] == [True, True, True]
    assert Write.objects.get(kind="update_offer").payload == {
        "offer_remote_id": offer.remote_id,
        "points_cost": 20,
    }


@pytest.mark.parametrize("status", list(WHY))
def test_every_wrong_step_is_explained_beside_its_control(
    wallet: Connection, offers: dict[str, Offer], manager_client: Client, sandbox: SandboxServer, status: str
) -> None:
    response = manager_client.get(address("detail", offers[status]))
    context, page = response.context, response.content.decode()
    why = {url.split("/")[-2]: str(text) for _label, url, text in context["acts"]}
    names = {"publish": "publicar", "cancel": "cancelar", "delete": "excluir"}
    assert why == {there: WHY[status].get(act, "") for act, there in names.items()}
    assert str(context["edit_why"]) == WHY[status].get("update", "")
    for text in WHY[status].values():
        assert escape(text) in page
    assert page.count(" disabled aria-describedby") == len(WHY[status])
    assert sent(sandbox) == []


@pytest.mark.parametrize("step", ["cancel", "delete"])
def test_an_offer_ends(
    wallet: Connection, offers: dict[str, Offer], manager_client: Client, sandbox: SandboxServer, step: str
) -> None:
    offer = offers["published" if step == "cancel" else "draft"]
    response = press(manager_client, step, offer)
    assert said(response) == ["Oferta cancelada." if step == "cancel" else "Rascunho excluído."]
    assert [row[2] for row in sent(sandbox)] == [True]
    assert manager_client.get(response["Location"]).status_code == 200


def test_a_state_changed_elsewhere_is_told_and_nothing_sent(
    wallet: Connection, offers: dict[str, Offer], manager_client: Client, sandbox: SandboxServer
) -> None:
    offer = offers["cancelled"]
    told = "A oferta mudou na plataforma e agora está assim: Cancelada. Nada foi enviado."
    Offer.objects.filter(pk=offer.pk).update(status="draft", content_hash=b"")
    assert said(press(manager_client, "publish", offer)) == [told]
    Offer.objects.filter(pk=offer.pk).update(status="draft", content_hash=b"")
    page = address("edit", offer)
    form = opened(manager_client, page, name="Outro")
    form.pop("auto_claim")
    response = manager_client.post(page, form)
    assert response.context["form"].non_field_errors() == [told]
    Offer.objects.filter(pk=offer.pk).update(remote_id="999999", status="draft", content_hash=b"")
    response = press(manager_client, "delete", offer)
    assert said(response)[-1] == "A plataforma não lista mais esta oferta. Nada foi enviado."
    assert sent(sandbox) == []


def test_a_lost_answer_is_said_as_such_and_holds_back_the_next(
    wallet: Connection, offers: dict[str, Offer], manager_client: Client, sandbox: SandboxServer
) -> None:
    sandbox.fault("drop_after", method="POST", path="*/publish", vendor=VENDOR)
    draft = offers["draft"]
    first, second = press(manager_client, "publish", draft), press(manager_client, "publish", draft)
    assert said(first)[0].startswith("A confirmar – não repita.")
    assert said(second)[-1].startswith("Outro envio sobre o mesmo assunto")
    assert [row[2] for row in sent(sandbox)] == [True]


def test_the_list_has_a_constant_number_of_queries(wallet: Connection, manager_client: Client) -> None:
    counts = []
    for total in (2, 40):
        for number in range(Offer.objects.count(), total):
            Offer.objects.create(
                connection=wallet,
                remote_id=str(number),
                name=f"Café {number}",
                content_hash=b"",
                status="draft",
            )
        manager_client.get(LIST)
        with CaptureQueriesContext(database) as queries:
            assert manager_client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_rewards_lead_there_once_a_platform_has_offers(
    wallet: Connection, manager_client: Client, viewer_client: Client
) -> None:
    rewards = reverse("rewards:list")
    for client in (manager_client, viewer_client):
        assert f'href="{LIST}"' in client.get(rewards).content.decode()
    Connection.objects.update(is_active=False)
    assert f'href="{LIST}"' not in manager_client.get(rewards).content.decode()


def test_who_may_only_look_is_offered_nothing(
    wallet: Connection, offers: dict[str, Offer], viewer_client: Client, sandbox: SandboxServer
) -> None:
    draft = offers["draft"]
    page = viewer_client.get(address("detail", draft)).content.decode()
    assert address("publish", draft) not in page
    for act in ("publish", "cancel", "delete"):
        assert press(viewer_client, act, draft).status_code == 403
    assert viewer_client.post(address("edit", draft), {}).status_code == 403
    assert sent(sandbox) == []
    assert not Write.objects.exists()
