"""The frame and the kit in a real browser, on the demo screens of `tests/ui/demo.py`."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Browser, Dialog, Page, expect
from pytest_django import Settings

from smartbis_admin.staff.models import User
from smartbis_admin.ui.icons import ICONS
from tests.browser.conftest import Problems
from tests.ui.demo import DATA_AGE, use_demo_screens

NAMES = ["Ana", "Bruno", "Carla", "Daniel", "Elisa", "Fábio", "Gabriela", "Heitor", "Irene", "João"]
LOOKS = [
    pytest.param(width, dark, id=f"{width}-{'dark' if dark else 'light'}")
    for width in (1280, 360)
    for dark in (False, True)
]
Open = Callable[..., Page]
SignIn = Callable[[Page, User], None]
Look = Callable[..., None]


@pytest.fixture(autouse=True, scope="module")
def _demo() -> Iterator[None]:
    """The demo screens, once for all tests here: whoever changes where templates are has all of them compiled anew."""
    demo = SimpleNamespace(TEMPLATES=django_settings.TEMPLATES)
    use_demo_screens(demo)
    with override_settings(**vars(demo)):
        yield


@pytest.fixture
def thirty_people(manager: User) -> None:
    now = timezone.now()
    for i in range(30):
        User.objects.create(
            email=f"pessoa{i}@people.test",
            first_name=NAMES[i % 10],
            last_name=f"da Silva {i}",
            is_active=i % 4 != 0,
            last_login=None if i % 3 == 0 else now - timedelta(minutes=7 * i * i),
        )
    DATA_AGE[0] = now - timedelta(minutes=12)


@pytest.fixture
def desk(desktop: Page, sign_in: SignIn, manager: User, thirty_people: None) -> Page:
    """The list on a desktop screen, seen by the manager."""
    sign_in(desktop, manager)
    desktop.goto("/demo/")
    return desktop


def first_column(page: Page) -> list[str]:
    return page.locator("#list tbody td:first-child").all_inner_texts()


# --- Looks and accessibility ------------------------------------------------------------------------------
@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_signed_in_pages_are_accessible(
    open_page: Open,
    sign_in: SignIn,
    axe: Look,
    shot: Look,
    manager: User,
    thirty_people: None,
    problems: Problems,
    width: int,
    dark: bool,
) -> None:
    page = open_page(width, 860 if width > 600 else 740, dark=dark)
    look = f"{width}-{'dark' if dark else 'light'}"
    sign_in(page, manager)
    pages = {
        "home": "/",
        "list": "/demo/",
        "list-filtered": "/demo/?q=a&is_active=True",
        "list-nothing": "/demo/?q=zzzz",
        "form": "/demo/nova/",
    }
    for name, url in pages.items():
        page.goto(url)
        shot(page, f"kit-{name}-{look}")
        axe(page)
        # Nothing sticks out sideways.
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/demo/nova/")
    page.get_by_role("button", name="Cadastrar").click()
    shot(page, f"kit-form-errors-{look}", full_page=True)
    axe(page)
    page.goto("/demo/")
    page.locator("summary.menu-button").click()
    shot(page, f"kit-menu-{look}")
    axe(page)
    if width < 600:
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Abrir o menu").click()
        expect(page.get_by_role("button", name="Fechar o menu")).to_be_visible()
        page.locator("#navigation.show:not(.showing)").wait_for()
        shot(page, f"kit-navigation-{look}")
        axe(page)
    page.goto(f"/demo/{manager.pk}/")
    page.get_by_role("button", name="Bloquear").click()
    shot(page, f"kit-confirm-{look}")
    axe(page)
    problems.expect("404")
    page.goto("/nada/")
    shot(page, f"kit-404-{look}")
    axe(page)
    problems.expect("500")
    page.goto("/demo/falha/")
    shot(page, f"kit-500-{look}")
    axe(page)


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_pages_without_the_frame_are_accessible(
    open_page: Open,
    sign_in: SignIn,
    axe: Look,
    shot: Look,
    stranger: User,
    settings: Settings,
    problems: Problems,
    width: int,
    dark: bool,
) -> None:
    settings.DEMO = True
    page = open_page(width, 740, dark=dark)
    look = f"{width}-{'dark' if dark else 'light'}"
    page.goto("/entrar/")
    shot(page, f"kit-login-{look}")
    axe(page)
    page.get_by_label("E-mail").fill("ninguem@people.test")
    page.get_by_label("Senha").fill("errada")
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("alert")).to_be_focused()
    shot(page, f"kit-login-error-{look}")
    axe(page)
    sign_in(page, stranger)
    problems.expect("403")
    page.goto("/demo/")
    expect(page.get_by_text("Falta a permissão Consultar clientes.")).to_be_visible()
    shot(page, f"kit-403-{look}")
    axe(page)


def test_the_manifest_and_the_sprite_hold_every_icon(desktop: Page) -> None:
    desktop.goto("/entrar/")
    drawn = desktop.evaluate(
        """async () => [...new DOMParser().parseFromString(
             await (await fetch('/static/ui/vendor/icons.svg')).text(), 'image/svg+xml'
           ).querySelectorAll('symbol')].map(symbol => symbol.id)"""
    )
    assert set(drawn) == ICONS


# --- Lists ------------------------------------------------------------------------------------------------
def test_typing_searches_without_leaving_the_page(desk: Page) -> None:
    desk.evaluate("window.stillHere = true")
    desk.get_by_role("searchbox", name="Buscar").click()
    desk.keyboard.type("Heit")
    expect(desk.locator("#list tbody tr")).to_have_count(3)
    assert first_column(desk) == ["Heitor"] * 3
    expect(desk).to_have_url(re.compile(r"\?q=Heit"))
    expect(desk.get_by_role("searchbox")).to_be_focused()
    desk.get_by_role("link", name="Buscar: Heit remover filtro").click()
    expect(desk.locator("#list tbody tr")).to_have_count(25)
    # The form is told, too.
    expect(desk.get_by_role("searchbox")).to_have_value("")
    assert desk.evaluate("window.stillHere")


def test_sorting_and_paging_keep_the_focus_and_come_back(desk: Page) -> None:
    desk.get_by_role("link", name="Primeiro nome").click()
    expect(desk.locator("th[aria-sort=descending]")).to_be_visible()
    expect(desk.get_by_role("link", name="Primeiro nome")).to_be_focused()
    first = first_column(desk)
    assert first == sorted(first, reverse=True)
    desk.get_by_role("link", name="Próxima").click()
    expect(desk.get_by_role("link", name="Anterior")).to_be_visible()
    assert set(first_column(desk)) == {"Ana", "Bruno"}
    desk.go_back()
    expect(desk.get_by_role("link", name="Próxima")).to_be_visible()
    assert first_column(desk) == first


def test_filters_work_by_keyboard_and_open_again_with_the_address(desk: Page) -> None:
    desk.get_by_text("Filtros", exact=True).focus()
    desk.keyboard.press("Enter")
    desk.get_by_label("Situação").select_option("bloqueado")
    expect(desk.locator("#list .status-badge").first).to_have_text("bloqueado")
    expect(desk.locator("#list tbody tr")).to_have_count(8)
    desk.reload()
    expect(desk.get_by_label("Situação")).to_have_value("False")
    expect(desk.locator("#list tbody tr")).to_have_count(8)


def test_everything_works_without_javascript(
    open_page: Open, sign_in: SignIn, manager: User, thirty_people: None
) -> None:
    page = open_page(javascript=False)
    sign_in(page, manager)
    page.goto("/demo/")
    page.get_by_role("searchbox").fill("Heit")
    page.get_by_role("button", name="Buscar").click()
    assert first_column(page) == ["Heitor"] * 3
    page.get_by_role("link", name="Limpar filtros").click()
    page.get_by_role("link", name="Próxima").click()
    expect(page.get_by_role("link", name="Anterior")).to_be_visible()
    page.goto(f"/demo/{manager.pk}/")
    page.get_by_role("button", name="Bloquear").click()
    page.get_by_role("button", name="Bloquear").click()
    page.wait_for_url("**/entrar/**")  # blocked themselves, hence signed out


def test_a_phone_without_javascript_still_has_the_navigation(
    open_page: Open, sign_in: SignIn, manager: User
) -> None:
    page = open_page(360, 740, javascript=False)
    sign_in(page, manager)
    page.goto("/")
    expect(page.get_by_role("link", name="Painel")).to_be_visible()


def test_the_csv_is_a_download(desk: Page) -> None:
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Exportar CSV").click()
    assert re.fullmatch(r"pessoas-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)


# --- Frame ------------------------------------------------------------------------------------------------
def test_the_theme_is_remembered_and_there_before_the_first_paint(desk: Page) -> None:
    desk.locator("summary.menu-button").click()
    desk.get_by_text("Escura").click()
    expect(desk.locator("html")).to_have_attribute("data-bs-theme", "dark")
    desk.add_init_script(
        """new MutationObserver((_, observer) => {
             if (!document.body) return;
             window.themeAtBody = document.documentElement.dataset.bsTheme;
             observer.disconnect();
           }).observe(document, { childList: true, subtree: true })"""
    )
    desk.goto("/demo/nova/")
    assert desk.evaluate("window.themeAtBody") == "dark"
    desk.locator("summary.menu-button").click()
    expect(desk.get_by_label("Escura")).to_be_checked()
    desk.get_by_text("Automática").click()
    desk.emulate_media(color_scheme="dark")
    expect(desk.locator("html")).to_have_attribute("data-bs-theme", "dark")
    desk.emulate_media(color_scheme="light")
    expect(desk.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_the_menu_closes_by_escape_and_by_a_click_elsewhere(desk: Page) -> None:
    summary = desk.locator("summary.menu-button")
    summary.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="Sair")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("button", name="Sair")).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    desk.locator("h1").click()
    expect(desk.get_by_role("button", name="Sair")).to_be_hidden()


def test_the_first_tab_leads_to_the_content(desk: Page) -> None:
    desk.keyboard.press("Tab")
    skip = desk.get_by_role("link", name="Ir para o conteúdo")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    desk.keyboard.press("Enter")
    expect(desk.locator("main")).to_be_focused()


def test_the_language_switch_keeps_the_place(desk: Page) -> None:
    desk.goto("/demo/?q=Heit")
    desk.locator("summary.menu-button").click()
    desk.get_by_role("button", name="EN").click()
    expect(desk.locator("html")).to_have_attribute("lang", "en")
    expect(desk).to_have_url(re.compile(r"/demo/\?q=Heit$"))


def test_ages_count_on_in_the_servers_own_words(open_page: Open, sign_in: SignIn, manager: User) -> None:
    now = timezone.now()
    ages = [
        timedelta(seconds=20),
        timedelta(minutes=12),
        timedelta(hours=5),
        timedelta(days=1),
        timedelta(days=9),
    ]
    for i, age in enumerate(ages):
        User.objects.create(email=f"a{i}@people.test", first_name=f"A{i}", last_login=now - age)
    page = open_page()
    page.clock.install(time=now)
    sign_in(page, manager)
    page.goto("/demo/?q=@people.test&sort=first_name")
    shown = page.locator("#list time[data-age]")
    by_server = shown.all_inner_texts()
    assert by_server[:5] == ["agora", "há 12 min.", "há 5 h", "há 1 dia", "há 9 dias"]
    page.clock.run_for(16_000)
    assert shown.all_inner_texts() == by_server
    page.clock.fast_forward("05:00")
    page.clock.run_for(16_000)
    assert shown.all_inner_texts()[:2] == ["há 5 min.", "há 17 min."]


# --- Forms and messages -----------------------------------------------------------------------------------
def fill(page: Page) -> None:
    page.get_by_label("Nome").fill("Ana")
    page.get_by_label("CPF").fill("529.982.247-25")
    page.get_by_label("Valor da venda").fill("10,00")


def test_a_second_press_sends_nothing(desk: Page) -> None:
    desk.goto("/demo/nova/")
    sent = []
    desk.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    fill(desk)
    desk.evaluate(
        """() => { const button = document.querySelector('main .btn-primary');
                   button.click(); button.click(); button.form.requestSubmit(); }"""
    )
    expect(desk.get_by_text("Pessoa cadastrada.").first).to_be_visible()
    assert len(sent) == 1


def test_the_button_is_alive_again_after_going_back(desk: Page) -> None:
    desk.goto("/demo/nova/")
    fill(desk)
    desk.get_by_role("button", name="Cadastrar").click()
    expect(desk).to_have_url(re.compile(r"/demo/$"))
    desk.go_back()
    button = desk.get_by_role("button", name="Cadastrar")
    expect(button).to_be_enabled()
    expect(button).not_to_have_attribute("aria-busy", "true")


def test_good_news_is_announced_and_goes_bad_news_stays(desk: Page) -> None:
    desk.clock.install()
    desk.goto("/demo/nova/")
    fill(desk)
    desk.get_by_role("button", name="Cadastrar").click()
    toast = desk.locator("[data-toast=success]")
    expect(toast).to_have_text("Pessoa cadastrada.")
    desk.clock.run_for(200)
    expect(desk.locator("#announcer")).to_have_text("Pessoa cadastrada.")
    desk.clock.run_for(7_000)
    expect(toast).to_have_count(0)


def test_a_lost_connection_is_said(desk: Page, problems: Problems) -> None:
    problems.expect("ERR_INTERNET_DISCONNECTED")
    problems.expect("htmx:")
    desk.context.set_offline(True)
    desk.get_by_role("link", name="Primeiro nome").click()
    expect(desk.locator("[data-toast=error]")).to_contain_text("Sem resposta do servidor")
    desk.get_by_role("button", name="Fechar").click()
    expect(desk.locator("[data-toast]")).to_have_count(0)


def test_unsaved_typing_is_not_lost_by_accident(desk: Page) -> None:
    desk.goto("/demo/nova/")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    desk.on("dialog", stay)
    desk.get_by_role("link", name="Cancelar").click()
    expect(desk).to_have_url(re.compile(r"/demo/$"))
    assert asked == []
    desk.goto("/demo/nova/")
    desk.get_by_label("Nome").fill("Ana")
    desk.get_by_role("link", name="Painel").click(no_wait_after=True)
    expect(desk).to_have_url(re.compile(r"/demo/nova/$"))
    assert asked == ["beforeunload"]
    expect(desk.get_by_label("Nome")).to_have_value("Ana")


def test_copy_says_that_it_did(desk: Page) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.goto("/")
    desk.get_by_role("button", name="Copiar").click()
    expect(desk.locator("[data-toast=success]")).to_have_text("Copiado")
    assert desk.evaluate("navigator.clipboard.readText()") == "ABC-123"


def test_reduced_motion_is_honoured(desk: Page) -> None:
    desk.emulate_media(reduced_motion="reduce")
    assert desk.locator(".btn-primary").first.evaluate("e => getComputedStyle(e).transitionDuration") in (
        "1e-05s",
        "0.00001s",
    )


# --- The kit of these tests themselves --------------------------------------------------------------------
def test_the_watch_sees_what_it_is_meant_to_see(desktop: Page, problems: Problems) -> None:
    desktop.goto("/entrar/")
    desktop.evaluate("document.body.setAttribute('style', 'color: red')")
    desktop.evaluate("console.error('spoken')")
    desktop.evaluate("setTimeout(() => { throw new Error('thrown') })")
    desktop.evaluate("fetch('https://elsewhere.invalid/').catch(() => 0)")
    desktop.evaluate("import('data:text/javascript,1').catch(() => 0)")
    desktop.evaluate("new Promise(done => setTimeout(done))")
    seen = "\n".join(problems)
    problems.clear()
    for part in ("style-src", "spoken", "thrown", "connect-src", "script-src"):
        assert part in seen


def test_axe_sees_what_it_is_meant_to_see(desktop: Page, axe: Callable[[Page], None]) -> None:
    desktop.goto("/entrar/")
    axe(desktop)
    desktop.evaluate(
        """() => {
            const pale = document.createElement("p");
            pale.textContent = "can hardly be read";
            pale.style.color = "#ccc";
            document.querySelector("main").append(new Image(), pale);
        }"""
    )
    with pytest.raises(AssertionError) as seen:
        axe(desktop)
    for rule in ("image-alt", "color-contrast"):
        assert f"{rule} (" in str(seen.value)


def test_the_browser_loads_no_pages_of_its_own_and_keeps_off_what_playwright_turns_off(
    chromium: Browser, desktop: Page
) -> None:
    desktop.goto("/entrar/")
    browser = chromium.new_browser_cdp_session()
    targets = browser.send("Target.getTargets", {"filter": [{}]})["targetInfos"]
    assert [target["url"] for target in targets if target["type"] == "browser_ui"] == []
    command = browser.send("SystemInfo.getInfo")["commandLine"]
    theirs, ours = re.findall(r"--disable-features=(\S+)", command)
    assert set(theirs.split(",")) <= set(ours.split(","))
    browser.detach()
