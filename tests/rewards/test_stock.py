"""Changing a stock: what may be typed, what is shown beside it, conflicts, and who may; against the real sandbox."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from rewards.models import Reward, StockChange
from sandbox.testing import SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync import jobs
from smartbis_admin.writes.models import Write
from tests.conftest import signed_in
from tests.rewards.conftest import patches, stock_there

NOT_SENT = "Não foi enviado. Tente de novo."
IN_DOUBT = "A confirmar – não repita. O resultado aparece aqui assim que for conhecido."


def address(reward: Reward) -> str:
    return reverse("rewards:stock", args=[reward.pk])


def detail(reward: Reward) -> str:
    return reverse("rewards:detail", args=[reward.pk])


def fields(response: HttpResponse) -> dict[str, Any]:
    """What the form on a page would post."""
    form = response.context["form"]  # type: ignore[attr-defined]
    values = {field.html_name: field.value() for field in form}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def opened(client: Client, reward: Reward, **typed: str) -> dict[str, Any]:
    """The form as it is opened, with something typed into it."""
    return fields(client.get(address(reward))) | typed


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize("profile", ["laravel", "bare", "items"])
def test_a_new_stock_is_shown_as_done_only_after_the_platform_said_so(
    sandbox: SandboxServer, make_connection: Any, manager: User, profile: str
) -> None:
    credential = f"sandbox-{profile}"
    sandbox.act("create_coupon", name="Café grátis", stock=12, credential=credential)
    make_connection(profile)
    jobs.sync_everywhere(Resource.REWARDS)
    reward = Reward.objects.get()
    client = signed_in(manager)

    response = client.post(address(reward), opened(client, reward, target="50"))

    assert (response.status_code, response["Location"]) == (302, detail(reward))
    assert said(response) == ["Estoque alterado para 50."]
    assert stock_there(sandbox, reward, credential) == 50
    reward.refresh_from_db()
    change = StockChange.objects.get()
    assert (reward.stock, change.before, change.target, change.after) == (50, 12, 50, 50)
    assert (change.write.state, change.write.actor) == (Write.State.DONE, manager)
    page = client.get(detail(reward)).content.decode()
    assert "Feito" in page
    assert "Marta" in page


def test_the_form_shows_what_the_platform_said_without_asking_it(
    sandbox: SandboxServer, reward: Reward, manager_client: Client
) -> None:
    before = len(sandbox.log())
    response = manager_client.get(address(reward))
    assert len(sandbox.log()) == before
    page = response.content.decode()
    assert '<span class="stock-number">12</span>' in page
    assert ">agora</time>" in page
    assert fields(response)["seen"] == "12"
    assert "confirm_limited" not in fields(response)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Informe o novo estoque."),
        ("   ", "Informe o novo estoque."),
        ("-1", "O estoque não pode ser negativo."),
        ("doze", "Escreva um número inteiro, como 1500."),
        ("12,5", "Escreva um número inteiro, como 1500."),
        ("1.50", "Escreva um número inteiro, como 1500."),
        ("1,500", "Escreva um número inteiro, como 1500."),
        ("2147483648", "O estoque não pode passar de 2147483647."),
        ("9" * 400, "O estoque não pode passar de 2147483647."),
        ("12", "O estoque já é esse. Nada a alterar."),
    ],
)
def test_what_cannot_be_is_said_next_to_the_field_and_nothing_leaves(
    sandbox: SandboxServer, reward: Reward, manager_client: Client, typed: str, sentence: str
) -> None:
    form = opened(manager_client, reward, target=typed)
    before = len(sandbox.log())
    response = manager_client.post(address(reward), form)
    assert response.status_code == 200
    assert response.context["form"].errors == {"target": [sentence]}
    assert 'id="id_target_error"' in response.content.decode()
    assert len(sandbox.log()) == before
    assert Write.objects.count() == StockChange.objects.count() == 0
    assert stock_there(sandbox, reward) == 12


def test_thousands_may_be_grouped(sandbox: SandboxServer, reward: Reward, manager_client: Client) -> None:
    manager_client.post(address(reward), opened(manager_client, reward, target=" 1.500 "))
    assert stock_there(sandbox, reward) == 1500


def test_zero_is_a_stock(sandbox: SandboxServer, reward: Reward, manager_client: Client) -> None:
    manager_client.post(address(reward), opened(manager_client, reward, target="0"))
    assert stock_there(sandbox, reward) == 0
    assert "Sem estoque" in manager_client.get(detail(reward)).content.decode()


def test_a_stock_that_changed_meanwhile_is_shown_and_chosen_again(
    sandbox: SandboxServer, reward: Reward, manager_client: Client
) -> None:
    form = opened(manager_client, reward, target="50")
    sandbox.act("set_stock", coupon_id=reward.remote_id, stock=9)

    response = manager_client.post(address(reward), form)

    assert response.status_code == 200
    assert response.context["conflict"] == (12, 9)
    assert response.context["form"].errors == {
        "target": ["O estoque mudou na plataforma depois que você abriu esta página."]
    }
    page = response.content.decode()
    assert "O estoque mudou enquanto esta página estava aberta. Nada foi alterado." in page
    assert '<span class="stock-number">9</span>' in page
    assert patches(sandbox) == []
    assert stock_there(sandbox, reward) == 9
    again = fields(response)
    assert (again["seen"], again["target"]) == ("9", "50")
    assert again["write_id"] != form["write_id"]

    assert manager_client.post(address(reward), again).status_code == 302
    assert stock_there(sandbox, reward) == 50
    states = list(StockChange.objects.order_by("pk").values_list("write__state", "before", "after"))
    assert states == [("refused", 12, 9), ("done", 9, 50)]
    history = manager_client.get(detail(reward)).content.decode()
    assert "O estoque mudou na plataforma depois que você abriu esta página." in history


def test_a_stock_that_became_unlimited_meanwhile_asks_for_the_confirmation(
    sandbox: SandboxServer, reward: Reward, manager_client: Client
) -> None:
    form = opened(manager_client, reward, target="50")
    sandbox.act("set_stock", coupon_id=reward.remote_id, stock=None)

    response = manager_client.post(address(reward), form)

    assert response.context["conflict"] == (12, None)
    again = fields(response)
    assert again.pop("confirm_limited") == "False"
    assert again["seen"] == ""
    response = manager_client.post(address(reward), again)
    assert response.context["form"].errors == {
        "confirm_limited": ["Marque para confirmar que o estoque passa a ser limitado."]
    }
    assert patches(sandbox) == []
    assert stock_there(sandbox, reward) is None

    again = fields(response) | {"confirm_limited": "on"}
    assert manager_client.post(address(reward), again).status_code == 302
    assert stock_there(sandbox, reward) == 50


def test_a_mirror_that_moved_on_is_shown_with_the_next_answer(reward: Reward, manager_client: Client) -> None:
    form = opened(manager_client, reward, target="")
    Reward.objects.update(stock=7)
    response = manager_client.post(address(reward), form)
    assert response.context["conflict"] == (12, 7)
    assert fields(response)["seen"] == "7"


def test_an_unlimited_stock_warns_that_there_is_no_way_back(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    sandbox.act("create_coupon", name="Pão de queijo", stock=None)
    jobs.sync_everywhere(Resource.REWARDS)
    reward = Reward.objects.get()
    page = manager_client.get(address(reward)).content.decode()
    assert "o estoque passa a ser limitado e não há como voltar por aqui" in page
    assert "Ilimitado" in page


def test_a_reward_that_is_gone_is_refused_in_words(
    sandbox: SandboxServer, reward: Reward, manager_client: Client
) -> None:
    form = opened(manager_client, reward, target="50")
    sandbox.act("remove_coupon", coupon_id=reward.remote_id)
    response = manager_client.post(address(reward), form)
    assert response.context["form"].non_field_errors() == [
        "A plataforma não encontrou esta recompensa. Nada foi alterado."
    ]
    assert patches(sandbox) == []


@pytest.mark.parametrize("who", ["viewer_client", "cashier_client", "stranger_client"])
def test_without_the_permission_nothing_changes_anywhere(
    sandbox: SandboxServer, reward: Reward, manager_client: Client, request: pytest.FixtureRequest, who: str
) -> None:
    form = opened(manager_client, reward, target="50")
    client: Client = request.getfixturevalue(who)
    before = sandbox.log()
    assert client.get(address(reward)).status_code == 403
    assert client.post(address(reward), form).status_code == 403
    assert sandbox.log() == before
    assert Write.objects.count() == StockChange.objects.count() == 0


def test_the_button_is_for_those_who_may(
    reward: Reward, manager_client: Client, viewer_client: Client
) -> None:
    assert address(reward) in manager_client.get(detail(reward)).content.decode()
    assert address(reward) not in viewer_client.get(detail(reward)).content.decode()
