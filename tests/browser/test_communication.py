"""Communication in a browser: a text with its preview, a campaign from its audience to what arrived, "SAIR"."""

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from customers.models import Consent, Customer
from customers.search import fold_name
from sandbox.testing import WHATSAPP_APP_SECRET, WHATSAPP_NUMBER, WHATSAPP_TOKEN, SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import create_connection
from smartbis_admin.staff.models import User
from tests.outreach.test_whatsapp import act, deliver
from vouchers.outreach import campaigns, sending
from vouchers.outreach.models import Campaign, Message, Template
from vouchers.outreach.services import save_preferences
from vouchers.outreach.texts import use_defaults
from vouchers.outreach.tokens import opt_out_token, survey_token

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = [(1280, False), (360, True)]
PEOPLE = ("Ana Lima", "Bia Souza", "Caio Reis", "Davi Melo", "Enzo Paz", "Flora Dias")


@pytest.fixture
def club(owner: User) -> Connection:
    """A programme with six customers: five agreed to WhatsApp, one of them to nothing."""
    save_preferences(
        values={
            "portal_url": "https://portal.example/",
            "talk_url": "https://wa.me/5511999999999",
            "opens_at": time(0),
            "closes_at": time(23, 59, 59),
        },
        by=owner,
    )
    connection = Connection.objects.create(
        name="Clube", programme="Clube Café", base_url="https://api.invalid/"
    )
    for number, name in enumerate(PEOPLE):
        customer = Customer.objects.create(
            connection=connection, remote_id=f"c{number}", content_hash=b"", name=name, name_search=fold_name(name),
            email=f"{name.split()[0].lower()}@people.test", phone=f"+55119876543{number:02}",
            cashback_balance=Decimal("12.50"), first_seen_at=timezone.now() - timedelta(days=90),
        )  # fmt: skip
        for channel in ("whatsapp", "email") if number < 5 else ():
            Consent.objects.create(
                customer=customer, channel=channel, is_given=True, said_on=date(2026, 1, 2), source="store"
            )
    return connection


@pytest.fixture
def number(club: Connection, sandbox: SandboxServer) -> Connection:
    """The shop's WhatsApp at the sandbox; what it would post is handed over by the test."""
    sandbox.clock(timezone.now())
    sandbox.act("add_shop_templates", vendor="whatsapp", credential=WHATSAPP_NUMBER)
    sandbox.switch("sending", "held", vendor="whatsapp", credential=WHATSAPP_NUMBER)
    act(sandbox, "subscribe", url="http://127.0.0.1/hook/", verify_token="prove-it", verify=False)
    return create_connection(
        by=None, provider="whatsapp", name="WhatsApp da loja", base_url=sandbox.whatsapp_base,
        credentials={
            "phone_number_id": WHATSAPP_NUMBER, "access_token": WHATSAPP_TOKEN,
            "app_secret": WHATSAPP_APP_SECRET, "verify_token": "prove-it",
        },
    )  # fmt: skip


def test_a_text_a_campaign_and_a_word_that_ends_it(
    open_page: Callable[..., Page],
    number: Connection,
    sandbox: SandboxServer,
    manager: User,
    sign_in: Callable[[Page, User], None],
    axe: Callable[[Page], None],
    shot: Callable[..., None],
    settings: Any,
) -> None:
    settings.API_PACE = {"whatsapp": 500.0}
    page = open_page()

    def looks_right(name: str) -> None:
        axe(page)
        shot(page, f"communication-{name}", full_page=True)

    def press(name: str) -> None:
        page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    sign_in(page, manager)
    page.goto("/comunicacao/")
    press("Usar textos padrão")
    expect(page.get_by_text("72 textos criados.").first).to_be_attached()
    looks_right("texts")

    # A text: an unknown field is said beside it, a known one is put in by its chip, Ana shows how it looks.
    page.goto("/comunicacao/textos/campaign/email/pt-br/")
    bubble, check = page.locator("#preview .bubble"), page.locator("#check-body")
    expect(bubble).to_contain_text("Flora, há uma novidade para você no Clube Café.")
    page.get_by_label("Texto", exact=True).fill("Oi, {nomee}! Veja em {link} o que há de novo. Saldo: ")
    expect(check).to_contain_text("Campo desconhecido: {nomee}.")
    page.get_by_label("Preencher com os dados de").fill("ana")
    expect(bubble).to_contain_text("Oi, {nomee}! Veja em https://portal.example/ o que há de novo.")
    page.get_by_role("button", name="Inserir {saldo}: saldo de cashback").click()
    expect(bubble).to_contain_text("Saldo: R$ 12,50")
    looks_right("editor")
    press("Salvar o texto")
    expect(page.locator(".field-error")).to_contain_text("Campo desconhecido: {nomee}.")
    page.get_by_label("Texto", exact=True).fill("Oi, {nome}! Veja em {link} o que há de novo. Saldo: {saldo}")
    expect(bubble).to_contain_text("Oi, Ana! Veja em")
    press("Salvar o texto")
    expect(page.get_by_text("Texto salvo.").first).to_be_attached()
    assert (
        Template.objects.get(trigger="campaign", channel="email", language="pt-br", version=2).created_by
        == manager
    )

    # A campaign in its steps; nothing leaves before the number is typed.
    page.goto("/comunicacao/campanhas/")
    looks_right("campaigns-empty")
    page.get_by_role("main").get_by_role("link", name="Criar campanha").first.click()
    page.get_by_label("Nome da campanha").fill("Novidades de verão")
    page.locator("#id_audience").select_option(label="Saldo disponível")
    expect(page.get_by_text("Quem cumpre agora a condição do gatilho")).to_be_visible()
    page.locator("#id_audience").select_option(label="Todos os clientes")
    expect(page.get_by_text("6 clientes")).to_be_visible()
    looks_right("step-1")
    press("Continuar")
    page.get_by_role("radio", name="Campanha", exact=True).check()
    looks_right("step-2")
    press("Continuar")
    page.get_by_label("Grupo de comparação (%)").fill("0")
    looks_right("step-3")
    press("Contar o público")
    expect(page.get_by_text("Contando o público")).to_be_visible()
    campaigns.walk_all()
    expect(page.get_by_text("5 pessoas vão receber")).to_be_visible()
    expect(page.get_by_text("1 Sem consentimento para o canal")).to_be_visible()
    page.get_by_label("Digite quantas pessoas vão receber").fill("6")
    press("Enviar")
    expect(page.locator(".field-error")).to_have_text("O número digitado não é o de pessoas que vão receber.")
    looks_right("confirm")
    assert Message.objects.count() == 0
    page.get_by_label("Digite quantas pessoas vão receber").fill("5")
    press("Enviar")
    expect(page.get_by_text("Preparando mensagens")).to_be_visible()
    campaigns.walk_all()
    expect(page.get_by_text("0 de 5 mensagens")).to_be_visible()
    press("Pausar")
    expect(page.get_by_role("main").get_by_text("Pausada", exact=True)).to_be_visible()
    assert sending.work() == 0
    press("Continuar")
    campaigns.walk_all()
    assert sending.work() == 5
    sandbox.clock(timezone.now() + timedelta(seconds=5))
    assert set(deliver(sandbox, number)) == {200}
    sending.work()
    campaign = Campaign.objects.get()
    assert campaign.state == Campaign.State.DONE
    page.goto(f"/comunicacao/campanhas/{campaign.pk}/")
    expect(page.get_by_text("5 de 5 mensagens")).to_be_visible()
    expect(page.locator(".figures")).to_contain_text("100 % 5 de 5")
    looks_right("campaign")

    # One message, and the word that ends them.
    page.goto("/comunicacao/mensagens/?q=ana")
    looks_right("messages")
    page.get_by_role("main").get_by_role("link", name="Ana Lima").click()
    expect(page.locator(".bubble-text")).to_contain_text("Ana, há uma novidade para você no Clube Café.")
    looks_right("message")
    act(sandbox, "receive", phone="+5511987654300", text="SAIR")
    assert set(deliver(sandbox, number)) == {200}
    page.goto("/comunicacao/recebidas/")
    expect(page.locator(".status-badge", has_text="Pediu para sair")).to_be_visible()
    looks_right("incoming")
    page.goto("/comunicacao/consentimentos/")
    expect(page.get_by_role("main").get_by_role("link", name="Ana Lima")).to_be_visible()
    looks_right("consents")

    page.goto("/comunicacao/automatica/balance_available/")
    press("Ligar")
    page.get_by_role("link", name="Contar agora").click()
    expect(
        page.get_by_text("Recebeu esta mensagem há pouco tempo").or_(page.get_by_text("pessoas")).first
    ).to_be_visible()
    looks_right("automation")
    page.goto("/comunicacao/")
    expect(page.locator(".automation", has_text="Saldo disponível").get_by_text("Ligada")).to_be_visible()
    looks_right("overview")
    page.goto("/comunicacao/resultados/")
    expect(page.locator(".figures").first).to_be_visible()
    looks_right("results")
    page.goto("/comunicacao/preferencias/")
    looks_right("preferences")


def test_it_fits_a_phone(
    open_page: Callable[..., Page],
    club: Connection,
    manager: User,
    sign_in: Callable[[Page, User], None],
    axe: Callable[[Page], None],
    shot: Callable[..., None],
) -> None:
    use_defaults(by=manager)
    page = open_page(360, 740, dark=True)
    sign_in(page, manager)
    for name, path in (
        ("overview", "/comunicacao/"),
        ("texts", "/comunicacao/textos/"),
        ("editor", "/comunicacao/textos/nps/whatsapp/pt-br/"),
        ("automation", "/comunicacao/automatica/voucher_expiring/"),
        ("step-2", "/comunicacao/campanhas/criar/?passo=2&name=x&audience=all"),
        ("messages", "/comunicacao/mensagens/"),
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        axe(page)
        shot(page, f"communication-{name}-phone", full_page=True)


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_what_a_customer_reaches_from_a_message(
    open_page: Callable[..., Page],
    club: Connection,
    axe: Callable[[Page], None],
    shot: Callable[..., None],
    width: int,
    dark: bool,
) -> None:
    """The survey with a script in the browser for axe, the way out without any."""
    now = timezone.now()
    message = Message.objects.create(
        trigger="nps", customer=Customer.objects.first(), person="p", occasion="sale:1", channel="email", zone="UTC",
        queued_at=now, not_before=now, expires_at=now, state="sent", sent_at=now,
    )  # fmt: skip
    look = f"{width}-{'dark' if dark else 'light'}"
    page = open_page(width, 740, dark=dark)
    page.goto(f"/pesquisa/{survey_token(message.pk)}/")
    axe(page)
    shot(page, f"communication-survey-{look}")
    page.get_by_label("9", exact=True).check(force=True)
    page.get_by_label("Quer contar por quê?").fill("Café ótimo")
    page.get_by_role("button", name="Responder").click()
    expect(page.get_by_text("Sua nota: 9.")).to_be_visible()
    assert message.answer.score == 9
    plain = open_page(width, 740, dark=dark, javascript=False)
    plain.goto(f"/sair/{opt_out_token(message.pk)}/")
    shot(plain, f"communication-opt-out-{look}")
    plain.get_by_role("button", name="Parar de receber").click()
    expect(plain.get_by_text("Você não vai mais receber mensagens por e-mail.")).to_be_visible()
    page.goto(f"/sair/{opt_out_token(message.pk)}/")
    axe(page)
    withdrawn = Consent.objects.filter(is_given=False)
    assert list(withdrawn.values_list("customer__name", "channel")) == [("Ana Lima", "email")]
