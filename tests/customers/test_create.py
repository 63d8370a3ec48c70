"""Registering a customer: every outcome, shown truthfully, against the real sandbox."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from customers.models import Customer
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import open_write
from tests.conftest import signed_in
from tests.customers.conftest import CPF, OTHER_CPF, calls, fields, opened, said, unplug
from tests.writes.support import look_after

CREATE = reverse("customers:create")
NEW = {
    "cpf": "111.444.777-35",
    "name": "Bia Costa",
    "phone": "(11) 97777-0002",
    "email": "bia@cliente.example",
    "birth_date": "1985-02-28",
    "password": "segredo-da-bia",
}
KNOWN = "Este CPF já está cadastrado: este é o cliente."


def detail(customer: Customer) -> str:
    return reverse("customers:detail", args=[customer.pk])


def created(sandbox: SandboxServer) -> list[bool]:
    """For each creation that reached the sandbox, whether it had an effect."""
    return [effect for method, effect in calls(sandbox, "customers") if method == "POST"]


@pytest.mark.parametrize("profile", ["laravel", "bare", "items"])
def test_a_customer_is_shown_as_registered_once_the_platform_said_so(
    sandbox: SandboxServer, make_connection: Callable[..., Connection], manager: User, profile: str
) -> None:
    make_connection(profile)
    client = signed_in(manager)
    response = client.post(CREATE, opened(client, CREATE, **NEW))
    bia = Customer.objects.get()
    assert (response.status_code, response["Location"]) == (302, detail(bia))
    assert said(response) == ["Cliente cadastrado na plataforma."]
    assert created(sandbox) == [True]
    assert (bia.name, bia.cpf, bia.phone, bia.email, str(bia.birth_date)) == (
        "Bia Costa", OTHER_CPF, "+5511977770002", "bia@cliente.example", "1985-02-28",
    )  # fmt: skip
    write = Write.objects.get()
    assert (write.state, write.actor, write.subject) == (Write.State.DONE, manager, f"cpf:{OTHER_CPF}")


def test_only_what_is_needed_has_to_be_typed(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    typed = {"cpf": OTHER_CPF, "name": "Bia", "phone": "1133334444"}
    manager_client.post(CREATE, opened(manager_client, CREATE, **typed))
    bia = Customer.objects.get()
    assert (bia.phone, bia.email, bia.birth_date) == ("+551133334444", None, None)
    assert "email" not in Write.objects.get().payload


def test_the_password_goes_through_and_stays_nowhere(
    sandbox: SandboxServer, connection: Connection, manager_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.fault("error_before", method="POST", path="customers")
    page = manager_client.post(CREATE, opened(manager_client, CREATE, **NEW), follow=True)
    write = Write.objects.values().get()
    assert "segredo" not in str(write)
    assert "segredo" not in str(list(AuditEvent.objects.values()))
    assert "segredo" not in page.content.decode()
    assert "segredo" not in caplog.text


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ({"cpf": ""}, "Informe o CPF."),
        ({"cpf": "111.444.777-36"}, "Este CPF não existe. Confira os 11 números."),
        ({"name": " "}, "Informe o nome completo."),
        ({"phone": "98888-0001"}, "Escreva o telefone com DDD, como (11) 98888-0001."),
        ({"email": "bia@"}, "Informe um endereço de email válido."),
        ({"birth_date": "2999-01-01"}, "A data de nascimento está no futuro."),
        ({"birth_date": "0985-02-28"}, "Confira o ano de nascimento."),
        ({"password": "curta"}, "Certifique-se de que o valor tenha no mínimo 8 caracteres (ele possui 5)."),
        ({"connection": "999"}, "Faça uma escolha válida. Sua escolha não é uma das disponíveis."),
        ({"write_id": ""}, "Este formulário perdeu a validade. Confira e envie de novo."),
    ],
)
def test_what_cannot_be_right_is_said_beside_its_field_and_not_sent(
    sandbox: SandboxServer,
    connection: Connection,
    manager_client: Client,
    typed: dict[str, str],
    answer: str,
) -> None:
    response = manager_client.post(CREATE, opened(manager_client, CREATE, **NEW | typed))
    assert escape(answer) in response.content.decode()
    assert list(response.context["form"].errors) == list(typed)
    assert calls(sandbox) == []
    assert not Write.objects.exists()


def test_a_cpf_known_here_opens_its_customer_and_sends_nothing(
    sandbox: SandboxServer, ana: Customer, manager_client: Client
) -> None:
    response = manager_client.post(CREATE, opened(manager_client, CREATE, **NEW | {"cpf": CPF}))
    assert (response["Location"], said(response)) == (detail(ana), [KNOWN])
    assert created(sandbox) == []
    assert not Write.objects.exists()


def test_a_cpf_known_to_the_platform_alone_opens_its_customer_too(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    sandbox.act("create_customer", name="Bia de Antes", cpf=OTHER_CPF)
    response = manager_client.post(CREATE, opened(manager_client, CREATE, **NEW))
    bia = Customer.objects.get()
    assert bia.name == "Bia de Antes"
    assert (response["Location"], said(response)) == (detail(bia), [KNOWN])
    assert created(sandbox) == [False]
    assert Write.objects.get().state == Write.State.REFUSED


def test_a_duplicate_the_platform_will_not_show_is_said_beside_the_cpf(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    sandbox.act("create_customer", name="Bia de Antes", cpf=OTHER_CPF)
    form = opened(manager_client, CREATE, **NEW)
    sandbox.fault("html_200", method="GET", path="customers", times=9)
    response = manager_client.post(CREATE, form)
    answer = "A plataforma já tem um cliente com este CPF, mas não o mostrou agora."
    assert response.context["form"].errors == {"cpf": [answer]}
    assert not Customer.objects.exists()


def test_a_withdrawn_customer_does_not_stand_in_the_way(
    sandbox: SandboxServer, ana: Customer, manager_client: Client
) -> None:
    sandbox.act("remove_customer", cpf=CPF)
    Customer.objects.update(withdrawn_at=timezone.now())
    response = manager_client.post(CREATE, opened(manager_client, CREATE, **NEW | {"cpf": CPF}))
    assert created(sandbox) == [True]
    new = Customer.objects.get(withdrawn_at=None)
    assert (response["Location"], new.name) == (detail(new), "Bia Costa")


def test_the_same_press_twice_is_one_customer(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    form = opened(manager_client, CREATE, **NEW)
    answers = [manager_client.post(CREATE, form)["Location"] for _ in range(2)]
    assert answers == [detail(Customer.objects.get())] * 2
    assert created(sandbox) == [True]
    assert Write.objects.count() == 1


def test_a_form_sent_before_with_other_values_is_not_sent(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    form = opened(manager_client, CREATE, **NEW)
    manager_client.post(CREATE, form)
    Customer.objects.all().delete()
    response = manager_client.post(CREATE, form | {"name": "Bia C."})
    answer = "Este formulário já tinha sido enviado com outros dados. Confira e envie de novo."
    assert response.context["form"].non_field_errors() == [answer]
    assert fields(response)["write_id"] != form["write_id"]
    assert created(sandbox) == [True]


def test_what_never_left_is_said_and_may_be_sent_again(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    form = opened(manager_client, CREATE, **NEW)
    unplug(connection)
    response = manager_client.post(CREATE, form)
    assert response.context["form"].non_field_errors()[0] == "Não foi enviado. Tente de novo."
    assert "segredo" not in response.content.decode()
    again = fields(response)
    assert again["write_id"] != form["write_id"]
    Connection.objects.update(base_url=sandbox.base)
    assert manager_client.post(CREATE, again)["Location"] == detail(Customer.objects.get())
    assert created(sandbox) == [True]


@pytest.mark.parametrize("kind", ["drop_after", "stall_after", "error_after", "html_502", "truncate_200"])
def test_a_lost_answer_is_in_doubt_and_is_settled_by_the_cpf(
    sandbox: SandboxServer, connection: Connection, manager_client: Client, kind: str
) -> None:
    sandbox.fault(kind, method="POST", path="customers")
    response = manager_client.post(CREATE, opened(manager_client, CREATE, **NEW))
    assert response["Location"] == CREATE
    assert said(response) == ["A confirmar – não repita. O resultado aparece aqui assim que for conhecido."]
    page = manager_client.get(CREATE).content.decode()
    assert "A confirmar – não repita" in page
    write = Write.objects.get()
    assert write.state == Write.State.IN_DOUBT
    happened = kind != "html_502"
    assert created(sandbox) == [happened]
    look_after(write)
    look_after(write)
    write.refresh_from_db()
    assert write.state == (Write.State.DONE if happened else Write.State.NOT_DONE)
    assert Customer.objects.count() == int(happened)
    assert created(sandbox) == [happened]


def test_an_empty_answer_is_done_and_the_customer_is_read(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    sandbox.fault("empty_200", method="POST", path="customers")
    response = manager_client.post(CREATE, opened(manager_client, CREATE, **NEW))
    assert response["Location"] == detail(Customer.objects.get())
    assert said(response) == ["Cliente cadastrado na plataforma."]


def test_done_with_nothing_known_leads_to_the_list(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    form = opened(manager_client, CREATE, **NEW)
    sandbox.fault("empty_200", method="POST", path="customers")
    sandbox.fault("html_502", method="GET", path="customers", times=9)
    response = manager_client.post(CREATE, form)
    assert response["Location"] == reverse("customers:list")
    assert not Customer.objects.exists()


def test_another_creation_of_this_cpf_that_is_open_comes_first(
    sandbox: SandboxServer, connection: Connection, manager: User, manager_client: Client
) -> None:
    open_write(
        id=uuid.uuid4(), connection=connection, kind="create_customer", payload={"name": "Bia", "cpf": OTHER_CPF},
        subject=f"cpf:{OTHER_CPF}", actor=manager,
    )  # fmt: skip
    response = manager_client.post(CREATE, opened(manager_client, CREATE, **NEW))
    answer = "Outro envio sobre o mesmo assunto ainda está a confirmar. Espere o resultado – não repita."
    assert response.context["form"].non_field_errors() == [answer]
    assert created(sandbox) == []
    assert Write.objects.count() == 1


def test_with_two_platforms_the_person_chooses(
    sandbox: SandboxServer, make_connection: Callable[..., Connection], manager_client: Client
) -> None:
    make_connection("laravel")
    second = make_connection("items")
    make_connection("bare", is_active=False)
    page = manager_client.get(CREATE).content.decode()
    assert "Smartbis items" in page
    assert "Smartbis bare" not in page
    manager_client.post(CREATE, opened(manager_client, CREATE, **NEW | {"connection": str(second.pk)}))
    assert Customer.objects.get().connection == second


@pytest.mark.parametrize("who", ["viewer_client", "cashier_client", "stranger_client"])
def test_who_may_not_register_changes_nothing(
    sandbox: SandboxServer, connection: Connection, request: pytest.FixtureRequest, who: str
) -> None:
    client: Client = request.getfixturevalue(who)
    posted: dict[str, Any] = NEW | {"connection": connection.pk, "write_id": str(uuid.uuid4())}
    assert client.get(CREATE).status_code == 403
    assert client.post(CREATE, posted).status_code == 403
    assert calls(sandbox) == []
    assert not Write.objects.exists()
    assert not Customer.objects.exists()


def test_the_cpf_looked_up_in_vain_is_in_the_form_and_in_no_address(
    connection: Connection, sandbox: SandboxServer, manager_client: Client
) -> None:
    page = manager_client.post(reverse("customers:lookup"), {"cpf": "529.982.247-25"})
    address = reverse("customers:create") + "?consulta=1"
    assert f'href="{address}"' in page.content.decode()
    assert 'value="529.982.247-25"' in manager_client.get(address).content.decode()
    assert "529.982" not in manager_client.get(reverse("customers:create")).content.decode()
