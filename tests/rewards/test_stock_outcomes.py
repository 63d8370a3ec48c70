"""Changing a stock when the platform does not simply say yes: not sent, lost answers, double presses, "back"."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from rewards.models import Reward, StockChange
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.writes.models import Write
from tests.rewards.conftest import patches, stock_there
from tests.rewards.test_stock import IN_DOUBT, NOT_SENT, address, detail, fields, opened, said
from tests.writes.support import grow_old, look_after


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
