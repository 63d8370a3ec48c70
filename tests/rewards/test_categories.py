"""Categories: the list with its counts, and creating one as a safe write against the real sandbox."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection as database
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rewards.models import Category, Reward
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from tests.conftest import signed_in
from tests.rewards.test_stock import IN_DOUBT, NOT_SENT, fields, said
from tests.writes.support import look_after

LIST = reverse("rewards:category_list")
CREATE = reverse("rewards:category_create")


def opened(client: Client, name: str) -> dict[str, Any]:
    """The form as it is opened, with a name typed into it."""
    return fields(client.get(CREATE)) | {"name": name}


def posts(sandbox: SandboxServer) -> list[bool]:
    """For each creation that reached the sandbox, whether it had an effect."""
    return [
        row["committed"]
        for row in sandbox.log()
        if row["method"] == "POST" and row["path"].endswith("categories")
    ]


def errors(response: HttpResponse) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)  # type: ignore[attr-defined]


# --- The list -------------------------------------------------------------------------------------------
def test_each_category_counts_its_own_rewards_and_leads_to_them(
    make_category: Callable[..., Category], make_reward: Callable[..., Reward], manager_client: Client
) -> None:
    drinks = make_category("7", "Bebidas")
    make_category("8", "Ágape")
    make_category("9", "Fora", withdrawn_at="2026-01-01T00:00Z")
    other = Connection.objects.create(name="Outra", base_url="https://other.invalid/v2/")
    make_reward("1", "Café", category_remote_id="7")
    make_reward("2", "Chá", category_remote_id="7")
    make_reward("3", "Suco", category_remote_id="7", withdrawn_at="2026-01-01T00:00Z")
    make_reward("4", "Mate", category_remote_id="7", connection=other)

    response = manager_client.get(LIST, {"sort": "-reward_count"})

    rows = [(row.name, row.reward_count) for row in response.context["page"].rows]
    assert rows == [("Bebidas", 2), ("Ágape", 0)]
    assert f"{reverse('rewards:list')}?category={drinks.pk}" in response.content.decode()
    found = manager_client.get(LIST, {"q": "agape"}).context["page"].rows
    assert [row.name for row in found] == ["Ágape"]


def test_forty_rows_cost_the_queries_of_two(
    make_category: Callable[..., Category], make_reward: Callable[..., Reward], manager_client: Client
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            manager_client.get(LIST, {"per_page": "50"})
        return len(queries)

    for number in range(2):
        make_category(f"{number}", f"Categoria {number}")
    cost()
    few = cost()
    for number in range(2, 40):
        make_category(f"{number}", f"Categoria {number}")
        make_reward(f"{number}", f"Recompensa {number}", category_remote_id=f"{number}")
    assert cost() == few


def test_only_who_may_create_is_offered_to(
    make_category: Callable[..., Category], manager_client: Client, viewer_client: Client
) -> None:
    assert CREATE in manager_client.get(LIST).content.decode()
    page = viewer_client.get(LIST).content.decode()
    assert CREATE not in page
    assert "Nenhuma categoria ainda" in page


# --- Creating one ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("profile", ["laravel", "bare", "items"])
def test_a_created_category_is_on_the_list_at_once(
    sandbox: SandboxServer, make_connection: Any, manager: User, profile: str
) -> None:
    make_connection(profile)
    client = signed_in(manager)
    response = client.post(CREATE, opened(client, "  Presentes & afins "))
    assert (response.status_code, response["Location"]) == (302, LIST)
    assert said(response) == ["Categoria criada."]
    assert posts(sandbox) == [True]
    assert list(Category.objects.values_list("name", flat=True)) == ["Presentes & afins"]
    assert Write.objects.get().actor == manager


def test_an_accepted_category_without_details_is_fetched(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    sandbox.fault("empty_200", method="POST", path="*categories")
    response = manager_client.post(CREATE, opened(manager_client, "Presentes"))
    assert said(response) == ["Categoria criada."]
    assert list(Category.objects.values_list("name", flat=True)) == ["Presentes"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Informe o nome da categoria."),
        ("   ", "Informe o nome da categoria."),
        ("x" * 81, "O nome não pode passar de 80 caracteres."),
    ],
)
def test_a_name_that_cannot_be_is_said_next_to_it(
    sandbox: SandboxServer, connection: Connection, manager_client: Client, typed: str, sentence: str
) -> None:
    response = manager_client.post(CREATE, opened(manager_client, typed))
    assert errors(response) == {"name": [sentence]}
    assert sandbox.log() == []
    assert Write.objects.count() == 0


def test_a_name_that_is_taken_is_refused_next_to_it(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    manager_client.post(CREATE, opened(manager_client, "Presentes"))
    response = manager_client.post(CREATE, opened(manager_client, "PRESENTES"))
    assert errors(response) == {"name": ["Já existe uma categoria com este nome."]}
    assert posts(sandbox) == [True, False]
    assert list(Category.objects.values_list("name", flat=True)) == ["Presentes"]
    assert manager_client.post(CREATE, fields(response) | {"name": "Outros"}).status_code == 302


def test_a_refusal_without_a_code_shows_the_platforms_own_words(
    sandbox: SandboxServer, make_connection: Any, manager_client: Client
) -> None:
    make_connection("bare")
    manager_client.post(CREATE, opened(manager_client, "Presentes"))
    response = manager_client.post(CREATE, opened(manager_client, "Presentes"))
    (sentence,) = response.context["form"].non_field_errors()
    assert sentence == f"A plataforma recusou: {Write.objects.order_by('created_at').last().message}"  # type: ignore[union-attr]
    assert len(sentence) > len("A plataforma recusou: ")


def test_what_never_left_may_be_sent_again(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    Connection.objects.update(base_url="http://127.0.0.1:9/smartbis/v2/")
    response = manager_client.post(CREATE, opened(manager_client, "Presentes"))
    first, _second = response.context["form"].non_field_errors()
    assert first == NOT_SENT
    Connection.objects.update(base_url=sandbox.base)
    assert manager_client.post(CREATE, fields(response) | {"name": "Brindes"}).status_code == 302
    assert posts(sandbox) == [True]
    assert list(Category.objects.values_list("name", flat=True)) == ["Brindes"]


@pytest.mark.parametrize(("kind", "there"), [("drop_after", True), ("drop_before", False)])
def test_a_lost_answer_is_shown_on_the_list_until_it_is_settled(
    sandbox: SandboxServer, connection: Connection, manager_client: Client, kind: str, there: bool
) -> None:
    sandbox.fault(kind, method="POST", path="*categories")
    response = manager_client.post(CREATE, opened(manager_client, "Presentes"))
    assert response["Location"] == LIST
    assert said(response) == [IN_DOUBT]
    assert "A confirmar – não repita" in manager_client.get(LIST).content.decode()
    effects = posts(sandbox)

    busy = manager_client.post(CREATE, opened(manager_client, "presentes"))
    assert busy.context["form"].non_field_errors() == [
        "Outro envio sobre o mesmo assunto ainda está a confirmar. Espere o resultado – não repita."
    ]
    assert posts(sandbox) == effects

    write = look_after(look_after(Write.objects.get()))
    assert write.state == (Write.State.DONE if there else Write.State.NOT_DONE)
    page = manager_client.get(LIST).content.decode()
    assert "A confirmar – não repita" not in page
    assert ("Presentes" in page) is there


def test_a_double_press_is_one_category(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    form = opened(manager_client, "Presentes")
    for _press in range(2):
        assert manager_client.post(CREATE, form).status_code == 302
    assert posts(sandbox) == [True]


def test_with_several_connections_one_is_chosen(
    sandbox: SandboxServer, make_connection: Any, manager_client: Client
) -> None:
    make_connection("laravel")
    second = make_connection("bare")
    form = opened(manager_client, "Presentes")
    assert errors(manager_client.post(CREATE, form)) == {"connection": ["Escolha a conexão."]}
    assert posts(sandbox) == []
    assert manager_client.post(CREATE, form | {"connection": second.pk}).status_code == 302
    assert Category.objects.get().connection == second


def test_without_a_connection_nothing_can_be_sent(db: None, manager_client: Client) -> None:
    response = manager_client.post(CREATE, opened(manager_client, "Presentes"))
    assert errors(response) == {
        "connection": ["Nenhuma conexão está ativa. Conecte uma conta em Integrações."]
    }
    assert Write.objects.count() == 0


@pytest.mark.parametrize("who", ["viewer_client", "cashier_client", "stranger_client"])
def test_without_the_permission_nothing_is_created_anywhere(
    sandbox: SandboxServer,
    connection: Connection,
    manager_client: Client,
    request: pytest.FixtureRequest,
    who: str,
) -> None:
    form = opened(manager_client, "Presentes")
    client: Client = request.getfixturevalue(who)
    assert client.get(CREATE).status_code == 403
    assert client.post(CREATE, form).status_code == 403
    assert sandbox.log() == []
    assert Write.objects.count() == Category.objects.count() == 0
