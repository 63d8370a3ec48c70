"""Changing a stock: every outcome, shown truthfully, against the real sandbox."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from rewards.models import Reward, StockChange
from sandbox.testing import SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync import jobs
from smartbis_admin.writes.models import Write
from tests.conftest import signed_in
from tests.rewards.conftest import patches, stock_there
from tests.writes.support import grow_old, look_after

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


@pytest.mark.parametrize(
    ("method", "path", "kind", "sentence"),
    [
        ("GET", "*coupons", "error_before", "A plataforma está com problemas. Tente de novo em instantes."),
        ("GET", "*coupons", "html_200", "O endereço respondeu com uma página em vez de dados."),
        ("PATCH", "*stock", "rate_limit", "A plataforma pediu para ir mais devagar."),
        ("PATCH", "*stock", "unauthorized", "A plataforma não aceitou as credenciais."),
    ],
)
def test_what_never_left_may_be_sent_again_with_other_values(
    sandbox: SandboxServer,
    reward: Reward,
    manager_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    path: str,
    kind: str,
    sentence: str,
) -> None:
    form = opened(manager_client, reward, target="50")
    sandbox.fault(kind, method=method, path=path, times=9)

    response = manager_client.post(address(reward), form)

    first, second = response.context["form"].non_field_errors()
    assert first == NOT_SENT
    assert second.startswith(sentence)
    assert escape(NOT_SENT) in response.content.decode()
    assert stock_there(sandbox, reward) == 12
    sandbox.clear_faults()
    Connection.objects.update(blocked_at=None)
    again = fields(response)
    assert again["write_id"] != form["write_id"]
    assert manager_client.post(address(reward), again | {"target": "60"}).status_code == 302
    assert stock_there(sandbox, reward) == 60


@pytest.mark.parametrize(
    ("kind", "there"),
    [
        ("drop_before", 12),
        ("drop_after", 50),
        ("stall_after", 50),
        ("error_before", 12),
        ("error_after", 50),
        ("html_502", 12),
        ("truncate_200", 50),
    ],
)
def test_a_lost_answer_is_said_to_be_unknown_and_settled_by_evidence(
    sandbox: SandboxServer, reward: Reward, manager_client: Client, kind: str, there: int
) -> None:
    sandbox.fault(kind, method="PATCH")

    response = manager_client.post(address(reward), opened(manager_client, reward, target="50"))

    assert response["Location"] == detail(reward)
    assert said(response) == [IN_DOUBT]
    write = Write.objects.get()
    assert write.state == Write.State.IN_DOUBT
    page = manager_client.get(detail(reward)).content.decode()
    assert "A confirmar – não repita" in page
    assert reverse("writes:detail", args=[write.pk]) in page
    effects = patches(sandbox)

    busy = manager_client.post(address(reward), opened(manager_client, reward, target="70"))
    assert busy.context["form"].non_field_errors() == [
        "Outro envio sobre o mesmo assunto ainda está a confirmar. Espere o resultado – não repita."
    ]
    assert patches(sandbox) == effects
    assert stock_there(sandbox, reward) == there

    write = look_after(write)
    if there == 12:
        write = look_after(write)
    assert write.state == (Write.State.DONE if there == 50 else Write.State.NOT_DONE)
    assert "A confirmar – não repita" not in manager_client.get(detail(reward)).content.decode()


def test_an_accepted_change_without_details_is_done(
    sandbox: SandboxServer, reward: Reward, manager_client: Client
) -> None:
    sandbox.fault("empty_200", method="PATCH")
    response = manager_client.post(address(reward), opened(manager_client, reward, target="50"))
    assert said(response) == ["Estoque alterado para 50."]
    assert stock_there(sandbox, reward) == 50


def test_a_double_press_is_one_write(sandbox: SandboxServer, reward: Reward, manager_client: Client) -> None:
    form = opened(manager_client, reward, target="50")
    first, second = (manager_client.post(address(reward), form) for _press in range(2))
    assert first["Location"] == second["Location"] == detail(reward)
    assert patches(sandbox) == [True]
    assert StockChange.objects.count() == 1


def test_going_back_and_typing_another_number_is_not_taken_for_the_first(
    sandbox: SandboxServer, reward: Reward, manager_client: Client
) -> None:
    form = opened(manager_client, reward, target="50")
    manager_client.post(address(reward), form)
    response = manager_client.post(address(reward), form | {"target": "60"})
    assert response.context["form"].non_field_errors() == [
        "Este formulário já tinha sido enviado com outros dados. Confira e envie de novo."
    ]
    assert patches(sandbox) == [True]
    assert stock_there(sandbox, reward) == 50


def test_a_form_sent_before_is_not_sent_again_with_its_old_number(
    sandbox: SandboxServer, reward: Reward, manager_client: Client
) -> None:
    """The first try never left; "back" and another number must not let the first number go out."""
    form = opened(manager_client, reward, target="50")
    sandbox.fault("rate_limit", method="PATCH", times=9)
    manager_client.post(address(reward), form)
    sandbox.clear_faults()
    response = manager_client.post(address(reward), form | {"target": "60"})
    assert response.status_code == 200
    assert stock_there(sandbox, reward) == 12


def test_a_settled_negative_asks_for_a_new_form(
    sandbox: SandboxServer, reward: Reward, manager_client: Client
) -> None:
    form = opened(manager_client, reward, target="50")
    sandbox.fault("drop_before", method="PATCH")
    manager_client.post(address(reward), form)
    write = look_after(look_after(Write.objects.get()))
    assert write.state == Write.State.NOT_DONE
    response = manager_client.post(address(reward), form)
    assert response.context["form"].non_field_errors() == [
        "Não foi realizado na plataforma. Confira e envie de novo."
    ]
    assert manager_client.post(address(reward), fields(response)).status_code == 302
    assert stock_there(sandbox, reward) == 50


@pytest.mark.parametrize("broken", [{"write_id": ""}, {"write_id": "x"}, {"seen": "muito"}])
def test_a_mangled_form_changes_nothing_and_comes_back_whole(
    sandbox: SandboxServer, reward: Reward, manager_client: Client, broken: dict[str, str]
) -> None:
    form = opened(manager_client, reward, target="50") | broken
    response = manager_client.post(address(reward), form)
    assert response.status_code == 200
    assert "Este formulário perdeu a validade. Confira e envie de novo." in response.content.decode()
    assert Write.objects.count() == 0
    assert manager_client.post(address(reward), fields(response)).status_code == 302
    assert stock_there(sandbox, reward) == 50


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


def test_a_write_whose_process_died_is_shown_as_not_sent(
    sandbox: SandboxServer, reward: Reward, manager_client: Client
) -> None:
    """The program was interrupted before the call: the same press again sends it, once."""
    form = opened(manager_client, reward, target="50")
    sandbox.fault("rate_limit", method="PATCH", times=9)
    manager_client.post(address(reward), form)
    sandbox.clear_faults()
    Write.objects.update(error="ProcessDied")
    grow_old(Write.objects.get())
    assert manager_client.post(address(reward), form).status_code == 302
    assert patches(sandbox) == [False] * (len(patches(sandbox)) - 1) + [True]
    assert stock_there(sandbox, reward) == 50
