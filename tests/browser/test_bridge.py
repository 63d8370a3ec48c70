"""A manager sets SmartPOS up in five steps, watches the reference sale arrive, and works the inbox.

What the worker would do is done here between two clicks; the machines are the sandbox's.
"""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect
from pytest_django import Settings

from customers.bridge.models import Bridge, PosSale
from customers.bridge.pull import pull
from customers.bridge.working import work
from customers.services import refresh_customer
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import create_connection
from smartbis_admin.staff.models import Store, User
from vouchers.outreach.models import Automation

CPF = "52998224725"


class Machines:
    """The card machines of the sandbox, and what our worker does with their sales."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox

    def act(self, action: str, **args: Any) -> Any:
        return self.sandbox.act(action, args, credential="sandbox-pos", vendor="smartpos")

    def sell(self, **args: Any) -> Any:
        """A sale, read and walked as far as it goes."""
        sale = self.act("sale", machine_id="M1", **args)
        pull(Bridge.objects.get().pk)
        return sale


def test_five_steps_a_reference_sale_and_the_inbox(
    open_page: Callable[..., Page],
    connection: Connection,
    sandbox: SandboxServer,
    settings: Settings,
    manager: User,
    sign_in: Callable[[Page, User], None],
    axe: Callable[[Page], None],
    shot: Callable[..., None],
) -> None:
    settings.API_PACE = {"smartbis": 500.0, "smartpos": 500.0}
    machines = Machines(sandbox)
    machines.act("machine", machine_id="M1", label="Balcão 1", acquirer="Stone", store_id="Centro")
    Store.objects.create(name="Centro")
    sandbox.act("create_customer", name="Ana Prado", cpf=CPF, phone="11988880001")
    refresh_customer(connection=connection, cpf=CPF)
    create_connection(
        by=None,
        provider=Provider.SMARTPOS,
        name="SmartPOS",
        base_url=sandbox.smartpos_base,
        credentials={"client_id": "sandbox-pos", "client_secret": "sandbox-secret"},
    )
    page = open_page()
    sign_in(page, manager)

    phone = open_page(360, 860, dark=True)
    sign_in(phone, manager)

    def looks_right(name: str) -> None:
        """The page as it stands, and the same address on a dark phone."""
        phone.goto(page.url)
        for there, width, theme in ((page, 1280, "light"), (phone, 360, "dark")):
            assert there.evaluate("document.documentElement.scrollWidth") == width, name
            axe(there)
            shot(there, f"bridge-{name}-{width}-{theme}", full_page=True)

    def heading(text: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(text)

    # 1 and 2: nothing is known before the authorisation; then who registers, without a default.
    page.goto("/maquininhas/assistente/")
    heading("Reunir as maquininhas")
    page.get_by_role("link", name="Autorizar a leitura").last.click()
    heading("Autorizar a leitura")
    page.get_by_role("button", name="Conferir autorização agora").click()
    expect(page.get_by_text("O SmartPOS aceitou a autorização").first).to_be_attached()
    expect(page.get_by_role("radio", checked=True, name="registra")).to_have_count(0)
    looks_right("step2")
    page.get_by_label("Programa dos clientes").select_option(label=str(connection))
    page.get_by_label("Este sistema registra.").check()
    page.get_by_label("Conferi no painel da Smartbis").check()
    page.get_by_role("button", name="Salvar a escolha").click()
    expect(page.get_by_text("Escolha salva.").first).to_be_attached()
    page.get_by_role("link", name="Reunir as maquininhas").first.click()
    expect(page.get_by_text("1 maquininha ativa.")).to_be_visible()
    looks_right("step1")

    # 3: the rule.
    page.goto("/maquininhas/assistente/")
    heading("Definir a regra")
    page.get_by_role("link", name="Abrir a regra do programa").click()
    page.get_by_role("main").get_by_role("link", name="Informar a regra").click()
    page.get_by_label("Percentual de cashback").fill("5")
    page.get_by_label("Pontos por real").fill("1")
    page.get_by_role("button", name="Salvar a regra").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Regra do programa")
    page.goto("/maquininhas/assistente/")
    heading("Fazer uma venda de teste")
    page.get_by_role("link", name="Definir a regra").click()
    heading("Definir a regra")
    expect(page.get_by_text("5 % em cashback")).to_be_visible()
    looks_right("step3")

    # 4: the reference sale comes in while the page is open.
    page.get_by_role("link", name="Fazer uma venda de teste").last.click()
    page.get_by_role("button", name="Começar a venda de teste").click()
    expect(page.get_by_text("Faça agora uma venda, com o CPF de um cliente cadastrado.")).to_be_visible()
    machines.sell(amount="100.00", customer={"cpf": CPF})
    page.get_by_role("button", name="É esta").click()
    expect(page.get_by_text("Abrir a venda")).to_be_visible()
    looks_right("step4-watching")
    bridge = Bridge.objects.get()
    work(bridge.pk)
    expect(page.get_by_role("heading", name="Confira com os seus olhos")).to_be_visible()
    looks_right("step4-arrived")
    for item in (
        "O cliente é quem comprou",
        "O valor é o da maquininha",
        "O benefício é o esperado pela regra",
    ):
        page.get_by_label(item).check()
    page.get_by_role("button", name="Confirmar a venda de teste").click()
    expect(page.get_by_text("Conferida por Marta em").first).to_be_visible()

    # 5: messages.
    page.get_by_role("link", name="Ligar as mensagens").last.click()
    expect(page.get_by_text("Tudo pronto")).to_have_count(0)
    Automation.objects.create(trigger="post_sale", is_on=True)
    page.reload()
    expect(page.get_by_text("Tudo pronto: as vendas das maquininhas entram no programa.")).to_be_visible()
    looks_right("step5")

    # The inbox: one sale waits for its customer.
    machines.sell(amount="59.90", payment_method="pix", customer={"name": "Ana"})
    work(bridge.pk)
    page.get_by_role("link", name="Abrir as vendas das maquininhas").click()
    expect(page.get_by_text("1 venda espera a identificação do cliente.")).to_be_visible()
    looks_right("inbox")
    page.get_by_role("row", name="Não identificada").get_by_role("link").click()
    looks_right("sale-waiting")
    page.get_by_role("link", name="Vincular cliente").click()
    page.get_by_role("searchbox", name="CPF, telefone, e-mail ou nome do cliente").fill("ana prado")
    expect(page.get_by_role("button", name="Vincular Ana Prado")).to_be_visible()
    looks_right("link")
    page.get_by_role("button", name="Vincular Ana Prado").click()
    expect(page.get_by_text("Cliente vinculado. A venda segue sozinha.").first).to_be_attached()
    work(bridge.pk)
    expect(page.get_by_text("Registrada na plataforma")).to_be_visible()
    assert set(PosSale.objects.values_list("state", flat=True)) == {"registered"}

    # It is cancelled at the machine: a person takes it back.
    machines.act("cancel_sale", sale_id=PosSale.objects.get(amount="59.90").remote_id)
    pull(bridge.pk)
    page.reload()
    page.get_by_role("link", name="Confirmar estorno").click()
    for step in ("Encontrei a venda", "Retirei o benefício", "O cliente foi avisado"):
        page.get_by_label(step).check()
    page.get_by_label("O que o painel mostra agora?").fill("O saldo voltou ao que era.")
    looks_right("reversal")
    page.get_by_role("button", name="Confirmar estorno").click()
    expect(page.get_by_text("Estorno confirmado.").first).to_be_attached()
    looks_right("sale-reversed")
    posts = [row for row in sandbox.log() if row["method"] == "POST" and row["path"].endswith("/sales")]
    assert [row["committed"] for row in posts] == [True, True]
