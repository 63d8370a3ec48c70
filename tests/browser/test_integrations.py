"""The integrations: card machines connected and tried, a secret of deliveries made and changed, WhatsApp connected."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from sandbox.testing import (
    POS_CLIENT,
    POS_SECRET,
    WHATSAPP_APP_SECRET,
    WHATSAPP_NUMBER,
    WHATSAPP_TOKEN,
    SandboxServer,
)
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User


def test_a_bridge_and_a_channel_are_connected(
    open_page: Callable[..., Page],
    sandbox: SandboxServer,
    manager: User,
    sign_in: Callable[[Page, User], None],
    axe: Callable[[Page], None],
    shot: Callable[..., None],
) -> None:
    page = open_page(360, 860, dark=True)

    def looks_right(name: str) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        axe(page)
        shot(page, f"integrations-{name}-360", full_page=True)

    sign_in(page, manager)
    page.goto("/integracoes/")
    page.get_by_role("link", name="Conectar SmartPOS").click()
    page.locator("#id_name").fill("Maquininhas")
    page.locator("#id_base_url").fill(sandbox.smartpos_base)
    page.locator("#id_client_id").fill(POS_CLIENT)
    page.locator("#id_client_secret").fill(POS_SECRET)
    page.get_by_role("button", name="Conectar").click()
    page.get_by_role("button", name="Testar conexão").click()
    expect(page.get_by_text("A plataforma respondeu a todas as consultas.")).to_be_visible()
    page.get_by_role("button", name="Gerar segredo").click()
    first = page.locator("code").nth(1).inner_text()
    looks_right("secret")
    page.get_by_role("link", name="Já copiei").click()
    assert first not in page.content()
    page.get_by_role("button", name="Gerar segredo novo").click()
    second = page.locator("code").nth(1).inner_text()
    page.get_by_role("link", name="Já copiei").click()
    looks_right("bridge")
    page.get_by_role("button", name="Aposentar o segredo anterior").click()
    page.get_by_role("button", name="Aposentar o segredo anterior").click()
    expect(page.get_by_text("Um segredo em uso; não é mostrado de novo.")).to_be_visible()
    assert Connection.objects.get().credentials["push_secret"] == second != first

    page.goto("/integracoes/")
    page.get_by_role("link", name="Conectar WhatsApp").click()
    page.locator("#id_name").fill("Número da loja")
    page.locator("#id_base_url").fill(sandbox.whatsapp_base)
    page.locator("#id_phone_number_id").fill(WHATSAPP_NUMBER)
    page.locator("#id_access_token").fill(WHATSAPP_TOKEN)
    page.locator("#id_app_secret").fill(WHATSAPP_APP_SECRET)
    page.get_by_role("button", name="Conectar").click()
    token = Connection.objects.get(provider="whatsapp").credentials["verify_token"]
    expect(page.get_by_text(token)).to_be_visible()
    looks_right("channel")
    page.goto("/integracoes/")
    expect(page.get_by_role("link", name="Configurar em cinco passos")).to_be_visible()
    looks_right("cards")
