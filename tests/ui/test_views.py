"""The gate and the other base views: nobody passes undeclared, nothing happens on denial."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.views import generic

from smartbis_admin.staff.access import ANYONE, SIGNED_IN, Access
from smartbis_admin.staff.models import User
from smartbis_admin.ui.gate import AccessMixin
from smartbis_admin.ui.views import TemplateView

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/demo/?q=ana"}


# --- Declared access --------------------------------------------------------------------------------------
@pytest.mark.parametrize("access", [None, "staff.see_customers", "anyone ", "", 1, "SIGNED_IN"])
def test_a_missing_or_misspelt_access_stops_the_import(access: Any) -> None:
    body = {} if access is None else {"access": access}
    with pytest.raises(ImproperlyConfigured, match="Screen: declare access"):
        type("Screen", (TemplateView,), body)
    with pytest.raises(ImproperlyConfigured, match="Screen: declare access"):
        type("Screen", (AccessMixin, generic.RedirectView), body)


@pytest.mark.parametrize("access", [ANYONE, SIGNED_IN, Access.USE_TILL])
def test_declared_access_is_inherited(access: Any) -> None:
    parent = type("Parent", (TemplateView,), {"access": access})
    assert type("Child", (parent,), {}).access == access  # type: ignore[attr-defined]


def test_a_base_says_that_it_is_one() -> None:
    base = type("Base", (TemplateView,), {"abstract": True})
    with pytest.raises(ImproperlyConfigured):
        type("Screen", (base,), {})


# --- At the gate ------------------------------------------------------------------------------------------
def test_anonymous_people_sign_in_and_come_back(client: Client, db: None) -> None:
    response = client.get("/demo/?q=ana&sort=-email")
    assert (response.status_code, response["Location"]) == (
        302,
        "/entrar/?next=/demo/%3Fq%3Dana%26sort%3D-email",
    )


def test_an_expired_session_leaves_the_page_that_htmx_is_on(client: Client, db: None) -> None:
    response = client.get("/demo/?q=anab", headers=HTMX)
    assert (response.status_code, response["HX-Redirect"]) == (200, "/entrar/?next=/demo/%3Fq%3Dana")
    assert response.content == b""


def test_a_403_says_what_is_missing_and_whom_to_ask(stranger_client: Client) -> None:
    response = stranger_client.get("/demo/")
    text = response.content.decode()
    assert response.status_code == 403
    assert "Falta a permissão <b>Consultar clientes</b>." in text
    assert "peça a quem tem o perfil Proprietário" in text


def test_the_403_speaks_the_persons_language_and_escapes(stranger_client: Client) -> None:
    response = stranger_client.get("/demo/", headers={"Accept-Language": "en"})
    assert response.status_code == 403
    assert 'lang="en"' in response.content.decode()


def test_denied_posts_change_nothing(viewer_client: Client, client: Client, manager: User) -> None:
    for who, status in ((viewer_client, 403), (client, 302)):
        response = who.post(f"/demo/{manager.pk}/bloquear/", {"confirmed": "1"})
        assert response.status_code == status
    manager.refresh_from_db()
    assert manager.is_active


def test_pages_of_signed_in_people_are_not_kept_by_the_browser(viewer_client: Client, client: Client) -> None:
    for url in ("/", "/demo/", "/demo/nova/"):
        assert "no-store" in viewer_client.get(url)["Cache-Control"]
    assert "Cache-Control" not in client.get("/demo/aberta/")


def test_open_pages_need_nobody(client: Client, db: None) -> None:
    assert client.get("/demo/aberta/").status_code == 200


# --- Forms ------------------------------------------------------------------------------------------------
GOOD = {"name": "Ana", "cpf": "529.982.247-25", "phone": "", "amount": "1.234,56", "status": "a"}


def test_a_form_saves_says_so_and_leaves(manager_client: Client) -> None:
    response = manager_client.post("/demo/nova/", GOOD, follow=True)
    assert response.redirect_chain == [("/demo/", 302)]
    assert "Pessoa cadastrada." in response.content.decode()


def test_a_refusal_of_the_other_side_stands_beside_its_field(manager_client: Client) -> None:
    response = manager_client.post("/demo/nova/", {**GOOD, "name": "recusada"})
    text = response.content.decode()
    assert response.status_code == 200
    assert response.context["form"].errors == {"cpf": ["Este CPF já existe na plataforma."]}
    assert 'aria-describedby="id_cpf_error"' in text
    assert text.count("Este CPF já existe na plataforma.") == 2  # in the summary and at the field
    assert 'value="1.234,56"' in text


def test_the_error_summary_leads_to_each_field(manager_client: Client) -> None:
    text = manager_client.post("/demo/nova/", {}).content.decode()
    assert 'role="alert"' in text
    for link in ('<a href="#id_name">Nome</a>', '<a href="#id_cpf">CPF</a>', '<a href="#id_amount">'):
        assert link in text
    assert 'aria-describedby="id_phone_helptext"' in text


# --- Acts -------------------------------------------------------------------------------------------------
def test_an_act_asks_first_and_keeps_what_was_sent(manager_client: Client, viewer: User) -> None:
    response = manager_client.post(f"/demo/{viewer.pk}/bloquear/", {"next": "/demo/?q=v", "reason": "<b>"})
    text = response.content.decode()
    viewer.refresh_from_db()
    assert viewer.is_active
    assert "Bloquear esta pessoa?" in text
    assert '<input type="hidden" name="reason" value="&lt;b&gt;">' in text
    assert '<input type="hidden" name="next" value="/demo/?q=v">' in text
    assert 'href="/demo/?q=v"' in text


def test_a_confirmed_act_is_done_once_and_the_second_time_refused(
    manager_client: Client, viewer: User
) -> None:
    url, sent = f"/demo/{viewer.pk}/bloquear/", {"confirmed": "1", "next": "/demo/?q=v"}
    first = manager_client.post(url, sent, follow=True)
    assert first.redirect_chain == [("/demo/?q=v", 302)]
    assert "Pessoa bloqueada." in first.content.decode()
    viewer.refresh_from_db()
    assert not viewer.is_active
    second = manager_client.post(url, sent, follow=True).content.decode()
    assert "Esta pessoa já estava bloqueada." in second
    assert 'data-toast="error"' in second


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", ""])
def test_an_act_never_sends_people_elsewhere(manager_client: Client, viewer: User, target: str) -> None:
    response = manager_client.post(f"/demo/{viewer.pk}/bloquear/", {"confirmed": "1", "next": target})
    assert response["Location"] == "/demo/"


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_acts_are_posted_only(manager_client: Client, viewer: User, method: str) -> None:
    assert getattr(manager_client, method)(f"/demo/{viewer.pk}/bloquear/").status_code == 405
    viewer.refresh_from_db()
    assert viewer.is_active


# --- Frame ------------------------------------------------------------------------------------------------
def test_error_pages_stand_alone(manager_client: Client, client: Client) -> None:
    for who in (manager_client, client):
        response = who.get("/nada/")
        assert response.status_code == 404
        assert "Página não encontrada" in response.content.decode()
    no_token = Client(enforce_csrf_checks=True).post("/entrar/", {"username": "a", "password": "b"})
    assert no_token.status_code == 403
    assert "Sessão de formulário vencida" in no_token.content.decode()


def test_the_failure_page_needs_no_database(client: Client, settings: Any) -> None:
    settings.DEBUG = False
    client.raise_request_exception = False
    response = client.get("/demo/falha/")
    assert response.status_code == 500
    assert "Algo deu errado" in response.content.decode()


def test_the_demo_banner_and_logins_are_shown_in_demo_mode_only(
    client: Client, settings: Any, db: None
) -> None:
    settings.DEMO = False
    assert "demo.test" not in client.get("/entrar/").content.decode()
    settings.DEMO = True
    text = client.get("/entrar/").content.decode()
    assert "Ambiente de demonstração" in text
    assert text.count("@demo.test") == 4


def test_too_many_wrong_passwords_say_how_long_to_wait(client: Client, settings: Any, manager: User) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    for _attempt in range(2):
        response = client.post("/entrar/", {"username": manager.email, "password": "errada"})
    assert response.status_code == 429
    assert "Entrada bloqueada por alguns minutos" in response.content.decode()
