"""The screens of texts: which there are, what the editor says beside its fields, its preview and its test."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from smartbis_admin.staff.models import AuditEvent, User
from vouchers.outreach.models import Template
from vouchers.outreach.texts import save_text, use_defaults

#: Words, access and the wire: nothing here differs from one database to the other.
pytestmark = pytest.mark.one_database

Make = Callable[..., Any]
EDITOR = "/comunicacao/textos/balance_available/email/pt-br/"
ZAP = "/comunicacao/textos/balance_available/whatsapp/pt-br/"
GOOD = {
    "subject": "Seu saldo",
    "body": "Oi, {nome}: {saldo}. Veja em {link}.",
    "action": "balance",
    "action_label": "Ver meu saldo",
}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ana(make_customer: Make) -> Customer:
    customer: Customer = make_customer("Ana Lima", cashback_balance=Decimal("12.50"))
    return customer


def look(client: Client, path: str = EDITOR, **data: str) -> str:
    """What the editor answers while somebody types."""
    reply = client.post(path, GOOD | data, headers=HTMX)
    assert reply.status_code == 200
    return reply.content.decode().replace("\xa0", " ")


# --- the list ---------------------------------------------------------------------------------------------
def test_all_places_are_shown_and_filled_in_one_go(manager_client: Client, manager: User) -> None:
    page = manager_client.get(reverse("outreach:text_list")).content.decode()
    assert page.count("<span>falta</span>") == 72
    reply = manager_client.post(reverse("outreach:use_defaults"), follow=True)
    assert "72 textos criados." in reply.content.decode()
    assert reply.content.decode().count("<span>v1</span>") == Template.objects.count() == 72
    again = manager_client.post(reverse("outreach:use_defaults"), follow=True)
    assert "Nenhum texto faltava." in again.content.decode()
    assert set(Template.objects.values_list("created_by", flat=True)) == {manager.pk}


def test_the_list_costs_the_same_for_any_number_of_texts(
    manager_client: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    save_text(
        trigger="nps", channel="email", language="en", subject="s", body="b", action_label="a", by=owner
    )
    manager_client.get(reverse("outreach:text_list"))
    with django_assert_max_num_queries(12) as few:
        manager_client.get(reverse("outreach:text_list"))
    use_defaults(by=owner)
    with django_assert_max_num_queries(len(few)):
        manager_client.get(reverse("outreach:text_list"))


def test_a_text_of_ones_own_begins_with_its_name(manager_client: Client) -> None:
    url = reverse("outreach:text_create")
    wrong = manager_client.post(url, {"trigger": "campaign", "name": "Natal é já", "channel": "email"})
    assert "Use letras sem acento, números e hífens." in wrong.content.decode()
    right = manager_client.post(url, {"trigger": "campaign", "name": "natal", "channel": "email"})
    assert right.headers["Location"] == "/comunicacao/textos/campaign/email/pt-br/?nome=natal"
    saved = manager_client.post(right.headers["Location"], GOOD | {"action": "portal"}, follow=True)
    assert "Texto salvo. Ele vale para as próximas mensagens." in saved.content.decode()
    assert list(Template.objects.values_list("trigger", "name", "version")) == [("campaign", "natal", 1)]


@pytest.mark.parametrize(
    "path",
    [
        "/comunicacao/textos/nope/email/pt-br/",
        "/comunicacao/textos/nps/sms/pt-br/",
        "/comunicacao/textos/nps/email/fr/",
        # Only what is sent by hand has texts of other names.
        "/comunicacao/textos/nps/email/pt-br/?nome=natal",
    ],
)
def test_there_is_no_editor_for_a_place_that_is_none(manager_client: Client, path: str) -> None:
    assert manager_client.get(path).status_code == 404
    assert manager_client.post(path, GOOD).status_code == 404
    assert Template.objects.count() == 0


# --- the editor -------------------------------------------------------------------------------------------
def test_a_text_is_saved_as_its_next_version(manager_client: Client, manager: User, ana: Customer) -> None:
    use_defaults(by=manager, triggers=["balance_available"])
    manager_client.post(EDITOR, GOOD)
    rows = Template.objects.filter(trigger="balance_available", channel="email", language="pt-br")
    assert list(rows.order_by("version").values_list("version", "subject")) == [
        (1, "Você tem {saldo} de cashback"),
        (2, "Seu saldo"),
    ]
    page = manager_client.get(EDITOR + "?versao=1").content.decode()
    assert 'value="Você tem {saldo} de cashback"' in page
    assert 'value="Seu saldo"' in manager_client.get(EDITOR).content.decode()


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"body": "Oi {nomee} {link}"},
            "body",
            "Campo desconhecido: {nomee}. Pode usar: {nome}, {programa}, {link}, {saldo}, {pontos}.",
        ),
        ({"body": "Oi {nome {link}"}, "body", "Há uma chave { ou } sem o seu par."),
        ({"body": " "}, "body", "Escreva o texto."),
        ({"body": "{link} {link}"}, "body", "Uma mensagem leva um único próximo passo: use {link} uma vez."),
        ({"subject": ""}, "subject", "Escreva o assunto."),
        ({"action_label": ""}, "action_label", "Escreva o texto do próximo passo."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(
    manager_client: Client, changes: dict[str, str], field: str, sentence: str
) -> None:
    reply = manager_client.post(EDITOR, GOOD | changes)
    assert sentence in reply.context["form"].errors[field]
    assert Template.objects.count() == AuditEvent.objects.filter(action="outreach.text_saved").count() == 0


def test_the_preview_shows_a_real_customer_and_what_is_not_known(
    manager_client: Client, make_customer: Make, ana: Customer
) -> None:
    make_customer("Bia Souza")
    told = look(manager_client, person="ana")
    assert "Com os dados de Ana Lima" in told
    assert "Oi, Ana: R$ 12,50. Veja em {link}." in told
    assert "O próximo passo ainda não tem endereço." in told
    assert "36 de 2.000 caracteres" in told
    other = look(manager_client, person="bia")
    assert "Deste cliente não se conhece {saldo}: a ele esta mensagem não seria enviada." in other
    assert "Ninguém encontrado." in look(manager_client, person="zoe")
    chosen = look(manager_client, customer=str(ana.pk))
    assert "Com os dados de Ana Lima" in chosen
    for nonsense in ("x", "9" * 40, "²"):
        assert "Com os dados de Bia Souza" in look(manager_client, customer=nonsense)
    assert Template.objects.count() == 0


def test_the_check_comes_while_typing(manager_client: Client, ana: Customer) -> None:
    told = look(manager_client, body="Oi {x} {link}", subject="")
    assert "Campo desconhecido: {x}." in told
    assert "Escreva o assunto." in told
    zap = look(manager_client, ZAP, body="Sem passo", whatsapp_name="Com Espaço")
    assert "9 de 1.024 caracteres" in zap
    assert "Falta o próximo passo: use {link} ou o botão do modelo." in zap
    assert "Escreva o nome como está no WhatsApp: letras minúsculas, números e _." in zap


def test_without_a_script_the_preview_is_a_page(manager_client: Client, ana: Customer) -> None:
    reply = manager_client.post(EDITOR, GOOD | {"look": "1", "person": "ana", "body": "Oi, {nome}!"})
    page = reply.content.decode()
    assert "<h1>Saldo disponível</h1>" in page
    assert "Oi, Ana!" in page
    assert Template.objects.count() == 0


# --- the test e-mail --------------------------------------------------------------------------------------
def test_a_test_goes_to_oneself_alone(manager_client: Client, manager: User, ana: Customer) -> None:
    reply = manager_client.post(EDITOR, GOOD | {"test": "1"})
    assert "Teste enviado para marta@people.test." in reply.content.decode()
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["marta@people.test"], "[teste] Seu saldo")
    assert "Oi, Ana: R$\xa012,50." in sent.body
    assert Template.objects.count() == 0


def test_a_wrong_text_is_not_tested(manager_client: Client, ana: Customer) -> None:
    reply = manager_client.post(EDITOR, GOOD | {"test": "1", "body": "{x}"})
    assert "Corrija o texto antes de enviar o teste." in reply.content.decode()
    assert mail.outbox == []


def test_without_a_customer_there_is_no_test(manager_client: Client) -> None:
    reply = manager_client.post(EDITOR, GOOD | {"test": "1"})
    assert "Ainda não há cliente com quem preencher o texto." in reply.content.decode()
    assert mail.outbox == []
