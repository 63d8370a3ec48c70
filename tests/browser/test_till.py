"""The till in a real browser: a journey for each verdict, and every law that only a browser can break.

Keys are pressed by a real keyboard on a clock that stands still, so that a slow machine changes nothing:
a burst is typed at one moment, and time passes when a test says so.
"""

import json
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from pytest_django.fixtures import Settings

from sandbox.testing import SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.sync import jobs
from smartbis_admin.writes import settling
from smartbis_admin.writes.models import Write
from vouchers.models import Redemption
from vouchers.redemption import redeem

CODE = "VALE-7K2M-9Q"
CPF = "52998224725"
#: Remembers what sounded and what vibrated.
LISTEN = """
window.tones = []; window.vibrations = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) { tones.push(this.frequency.value); return start.call(this, at); };
Navigator.prototype.vibrate = (pattern) => { vibrations.push(pattern); return true; };
"""
OpenTill = Callable[..., Page]


@pytest.fixture
def till(db: None) -> Till:
    return Till.objects.create(store=Store.objects.create(name="Loja Centro"), name="Caixa 1")


@pytest.fixture
def vouchers(sandbox: SandboxServer, connection: Connection) -> list[str]:
    """Issued vouchers of Maria, mirrored: CODE and three more."""
    maria = sandbox.act("create_customer", name="Maria Souza", cpf=CPF, phone="11988880001")
    codes = [CODE, "VALE-0002", "VALE-0003", "VALE-0004"]
    sandbox.act(
        "issue_voucher", [{"code": code, "customer_id": str(maria["id"]), "value": "20.00"} for code in codes]
    )
    jobs.sync_everywhere(Resource.CUSTOMERS)
    jobs.sync_everywhere(Resource.VOUCHERS)
    return codes


@pytest.fixture
def open_till(
    open_page: Callable[..., Page], sign_in: Callable[..., None], cashier: User, till: Till
) -> OpenTill:
    """The till in a page of its own; its clock stands still unless it `runs`."""

    def go(width: int = 1280, height: int = 860, *, runs: bool = False, **how: Any) -> Page:
        page = open_page(width, height, **how)
        scripts = how.get("javascript", True)
        if scripts:
            page.add_init_script(LISTEN)
            if not runs:
                page.clock.install()
        sign_in(page, cashier, till)
        page.goto("/caixa/")
        if scripts:
            page.locator("#till[data-ready]").wait_for()
            page.locator("#offline[data-state=ready]").wait_for()
            if not runs:
                stop_clock(page)
        return page

    return go


def stop_clock(page: Page) -> None:
    """Let the page's time stand still, a minute from now."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 60)


def burst(page: Page, text: str) -> None:
    """A scanner reads: the characters and Enter, faster than a person types."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def pass_time(page: Page, seconds: float) -> None:
    page.clock.run_for(int(seconds * 1000))


def banner(page: Page) -> Any:
    return page.locator("#banner .till-verdict")


def expect_lines_in_time(page: Page, *expected: str) -> None:
    """Let the page's clock run on until the lines are there: an answer that was asked for before the change
    may still be on its way when the clock moves, and brings the old lines."""
    words = [line.rpartition(" ")[0] for line in expected]
    for _step in range(8):
        pass_time(page, 2)
        try:
            expect(page.locator("#status .till-line-word")).to_have_text(words, timeout=1_000)
        except AssertionError:
            continue
        break
    expect_lines(page, *expected)


def expect_verdict(page: Page, kind: str, word: str, reason: str) -> None:
    expect(banner(page)).to_have_attribute("data-kind", kind)
    expect(page.locator("#banner .till-word")).to_have_text(word)
    expect(page.locator("#banner .till-reason")).to_have_text(reason)


def lines(page: Page) -> list[str]:
    """The listed scans, newest first: word and code."""
    words = page.locator("#status .till-line-word").all_text_contents()
    codes = page.locator("#status .till-line-code").all_text_contents()
    return [f"{word} {code}" for word, code in zip(words, codes, strict=True)]


def expect_lines(page: Page, *expected: str) -> None:
    expect(page.locator("#status .till-line-word")).to_have_text(
        [line.rpartition(" ")[0] for line in expected]
    )
    assert lines(page) == list(expected)


# --- A journey for each verdict -----------------------------------------------------------------------
def test_valid(open_till: OpenTill, vouchers: list[str], sandbox: SandboxServer) -> None:
    page = open_till()
    burst(page, CODE)
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    expect(page.locator("#banner .till-code")).to_have_text(CODE)
    expect(page.locator("#banner .till-next")).to_have_text("Entregue o benefício.")
    expect(page.locator("#banner .till-facts")).to_contain_text("Maria")
    expect(page.locator("#banner .till-facts")).to_contain_text("•••.982.247-••")
    expect_lines(page, "Válido …M-9Q")
    pass_time(page, 0.1)
    expect(page.get_by_role("status").and_(page.locator("#say-status"))).to_have_text(
        "Válido Voucher validado. Entregue o benefício."
    )
    expect(page.locator("#say-alert")).to_be_empty()
    assert sandbox.committed("/validate") == 1
    pass_time(page, 21)
    expect_verdict(page, "idle", "Caixa livre", "Leia o próximo voucher.")


def test_used(open_till: OpenTill, vouchers: list[str], sandbox: SandboxServer) -> None:
    sandbox.act("use_voucher", code=CODE, used_at="2026-03-05T14:31:40-03:00")
    page = open_till()
    burst(page, CODE)
    expect_verdict(page, "used", "Já usado", "Usado em 05/03/2026 14:31, fora deste sistema.")
    pass_time(page, 0.1)
    expect(page.get_by_role("alert").and_(page.locator("#say-alert"))).to_have_text(
        "Já usado Usado em 05/03/2026 14:31, fora deste sistema. Não entregue o benefício."
    )
    expect_lines(page, "Já usado …M-9Q")


def test_refused(open_till: OpenTill, vouchers: list[str], sandbox: SandboxServer) -> None:
    sandbox.act("expire_voucher", code=CODE)
    jobs.sync_everywhere(Resource.VOUCHERS)
    page = open_till()
    burst(page, CODE)
    expect_verdict(page, "refused", "Recusado", "Venceu ontem.")
    burst(page, "NAO-EXISTE")
    expect_verdict(page, "refused", "Recusado", "Código não encontrado.")
    expect_lines(page, "Recusado …ISTE", "Recusado …M-9Q")


def test_confirming_frees_the_till_and_the_verdict_arrives_by_itself(
    open_till: OpenTill, vouchers: list[str], sandbox: SandboxServer, settings: Settings
) -> None:
    # Our server waits until the test lets the platform hang up, however slow the browser is today.
    settings.API_TILL_TIMEOUT = 120
    sandbox.fault("stall_after", method="POST", path="vouchers/*")
    page = open_till()
    burst(page, CODE)
    expect(page.locator("#banner .till-word")).to_have_text("Lido")
    expect(page.locator("#banner .till-code")).to_have_text(CODE)
    pass_time(page, 0.3)
    expect_verdict(page, "waiting", "Confirmando…", "Falando com a plataforma.")
    pass_time(page, 2.7)
    expect_verdict(page, "waiting", "Ainda confirmando", "Não repita.")
    expect(banner(page)).to_have_css("background-color", "rgb(138, 90, 0)")
    pass_time(page, 5)
    expect_verdict(page, "waiting", "Confirmando", "Não repita. O caixa está livre para o próximo cliente.")
    burst(page, "VALE-0002")
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    expect_lines(page, "Válido …0002", "Confirmando …M-9Q")
    sandbox.clear_faults()
    until = time.monotonic() + 60
    while not Redemption.objects.filter(code=CODE, state=Redemption.State.IN_DOUBT).exists():
        assert time.monotonic() < until
    expect_lines(page, "Válido …0002", "Confirmando …M-9Q")
    settling.look(str(make_due(CODE)))
    expect_lines_in_time(page, "Válido …0002", "Válido …M-9Q")
    pass_time(page, 0.1)
    expect(page.locator("#say-status")).to_contain_text("Válido …M-9Q")
    expect(page.locator("#banner .till-code")).to_have_text("VALE-0002")
    assert page.evaluate("tones.filter((pitch) => pitch === 880).length") == 2
    assert sandbox.committed("/validate") == 2


def make_due(code: str) -> Any:
    """Let the next look at a scan in doubt be due; its write."""
    Write.objects.filter(payload__code=code, state=Write.State.IN_DOUBT).update(settle_after=timezone.now())
    return Redemption.objects.get(code=code, state=Redemption.State.IN_DOUBT).pk


def test_a_lost_answer_in_the_banner_becomes_its_verdict(
    open_till: OpenTill, vouchers: list[str], sandbox: SandboxServer
) -> None:
    sandbox.fault("drop_after", method="POST", path="vouchers/*")
    page = open_till()
    burst(page, CODE)
    expect_verdict(page, "waiting", "Confirmando", "A resposta da plataforma se perdeu.")
    expect_lines(page, "Confirmando …M-9Q")
    expect(page.locator("#banner .till-reference")).to_contain_text("Referência")
    settling.look(str(make_due(CODE)))
    pass_time(page, 2)
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    expect(page.locator("#banner .till-code")).to_have_text(CODE)


# --- Input ----------------------------------------------------------------------------------------------
def test_the_same_code_again_is_ignored_then_shown_as_the_first_verdict(
    open_till: OpenTill, vouchers: list[str], sandbox: SandboxServer
) -> None:
    page = open_till()
    burst(page, CODE)
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    pass_time(page, 2)
    burst(page, CODE)
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    pass_time(page, 1)
    burst(page, CODE)
    expect(page.locator("#banner .till-reason")).to_have_text(re.compile(r"^Validado há \d+ s\.$"))
    expect(banner(page)).to_have_attribute("data-kind", "valid")
    assert Redemption.objects.count() == 2
    assert sandbox.committed("/validate") == 1


def test_scans_during_a_request_wait_their_turn_and_none_is_dropped(
    open_till: OpenTill, vouchers: list[str], sandbox: SandboxServer
) -> None:
    sandbox.fault("slow", method="POST", path="vouchers/*")
    page = open_till()
    for code in vouchers:
        burst(page, code)
        expect(page.locator("#banner .till-code")).to_have_text(code)
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    expect(page.locator("#banner .till-code")).to_have_text("VALE-0004")
    expect_lines(page, "Válido …0004", "Válido …0003", "Válido …0002", "Válido …M-9Q")
    order = [row["path"].split("/")[-2] for row in sandbox.log() if row["path"].endswith("/validate")]
    assert order == vouchers
    assert sandbox.committed("/validate") == 4


def test_a_burst_presses_no_button_and_leaves_the_focus_where_it_was(
    open_till: OpenTill, vouchers: list[str]
) -> None:
    page = open_till()
    page.locator("#mute").focus()
    burst(page, CODE)
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    expect(page.locator("#mute")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#mute")).to_be_focused()
    expect(page.locator("#code")).to_have_value("")


def test_a_burst_during_a_dialog_closes_it_and_is_a_scan(open_till: OpenTill, vouchers: list[str]) -> None:
    page = open_till()
    page.keyboard.press("?")
    pass_time(page, 0.2)
    expect(page.get_by_role("dialog")).to_be_visible()
    burst(page, CODE)
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_burst_replaces_what_was_half_typed(open_till: OpenTill, vouchers: list[str]) -> None:
    page = open_till()
    page.keyboard.type("AB")
    pass_time(page, 0.2)
    expect(page.locator("#code")).to_have_value("AB")
    burst(page, CODE)
    expect(page.locator("#banner .till-code")).to_have_text(CODE)
    expect(page.locator("#code")).to_have_value("")


def test_a_burst_ended_by_silence(open_till: OpenTill, vouchers: list[str]) -> None:
    page = open_till()
    page.keyboard.type(CODE)
    pass_time(page, 0.09)
    expect(banner(page)).to_have_attribute("data-kind", "idle")
    pass_time(page, 0.05)
    expect_verdict(page, "valid", "Válido", "Voucher validado.")


def test_typing_anywhere_types_the_code(open_till: OpenTill, vouchers: list[str]) -> None:
    page = open_till()
    page.locator("#mute").focus()
    for char in "vale7k2m9q":
        page.keyboard.press(char)
        pass_time(page, 0.15)
    expect(page.locator("#code")).to_have_value("vale7k2m9q")
    page.keyboard.press("Enter")
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    expect(page.locator("#mute")).to_have_attribute("aria-pressed", "false")


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def test_paste(open_till: OpenTill, vouchers: list[str]) -> None:
    page = open_till()
    page.keyboard.type("AB")
    pass_time(page, 0.2)
    paste(page, f" {CODE} ")
    expect(page.locator("#code")).to_have_value(CODE)
    assert Redemption.objects.count() == 0
    page.keyboard.press("Enter")
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    paste(page, "VALE-0002\n")
    expect(page.locator("#banner .till-code")).to_have_text("VALE-0002")
    expect_verdict(page, "valid", "Válido", "Voucher validado.")


def test_a_cpf_opens_the_customer_and_is_never_shown_whole(open_till: OpenTill, vouchers: list[str]) -> None:
    page = open_till()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/caixa/ler/", hold)
    page.locator("#code").fill("529.982.247-25")
    page.keyboard.press("Enter")
    expect(page.locator("#banner .till-code")).to_have_text("•••.982.247-••")
    held[0].continue_()
    page.wait_for_url(re.compile(r"/clientes/\d+/"))
    assert Redemption.objects.count() == 0


def test_keyboard_only(open_till: OpenTill, vouchers: list[str]) -> None:
    page = open_till()
    for code in vouchers[:2]:
        burst(page, code)
        expect_verdict(page, "valid", "Válido", "Voucher validado.")
    expect_lines(page, "Válido …0002", "Válido …M-9Q")
    pass_time(page, 0.5)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".till-line").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#banner .till-code")).to_have_text("…M-9Q")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.press("Escape")
    pass_time(page, 0.2)
    expect(banner(page)).to_have_attribute("data-kind", "idle")
    page.keyboard.press("?")
    pass_time(page, 0.2)
    expect(page.get_by_role("dialog", name="Como usar o caixa")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("F4")
    pass_time(page, 0.2)
    page.wait_for_url(re.compile(r"/clientes/\d+/venda/"))
    page.goto("/caixa/")
    page.keyboard.press("F2")
    pass_time(page, 0.2)
    page.wait_for_url("**/clientes/consultar/")


# --- Sound, link, layout ----------------------------------------------------------------------------------
def test_four_sounds_and_vibrations(open_till: OpenTill, vouchers: list[str], sandbox: SandboxServer) -> None:
    sandbox.act("use_voucher", code="VALE-0002")
    sandbox.fault("drop_after", method="POST", path="vouchers/VALE-0003/*")
    page = open_till()
    expected = {
        CODE: ("valid", [880, 1319], [60]),
        "VALE-0002": ("used", [587, 587, 587], [70, 80, 70, 80, 70]),
        "NAO-EXISTE": ("refused", [208], [400]),
        "VALE-0003": ("waiting", [659], [25]),
    }
    for code, (kind, tones, vibration) in expected.items():
        page.evaluate("tones.length = vibrations.length = 0")
        burst(page, code)
        expect(banner(page)).to_have_attribute("data-kind", kind)
        assert page.evaluate("[tones, vibrations]") == [tones, [vibration]], code
    page.get_by_role("button", name="Sem som").click()
    page.evaluate("tones.length = vibrations.length = 0")
    burst(page, "VALE-0004")
    expect(banner(page)).to_have_attribute("data-kind", "valid")
    assert page.evaluate("[tones, vibrations]") == [[], [[60]]]
    page.reload()
    expect(page.get_by_role("button", name="Sem som")).to_have_attribute("aria-pressed", "true")


def test_without_a_link_nothing_is_validated_and_it_says_so(
    open_till: OpenTill, vouchers: list[str], sandbox: SandboxServer, problems: Any
) -> None:
    problems.expect("ERR_INTERNET_DISCONNECTED")
    page = open_till()
    page.context.set_offline(True)
    expect(page.get_by_text("Sem internet", exact=True)).to_be_visible()
    expect(page.locator("#till")).to_have_css("border-top-color", "rgb(180, 35, 47)")
    burst(page, CODE)
    expect_verdict(page, "refused", "Sem conexão – não validar", "A loja não aceita vouchers sem internet.")
    page.context.set_offline(False)
    expect(page.get_by_text("On-line")).to_be_visible()
    expect_lines_in_time(page, "Não realizado …M-9Q")
    assert sandbox.committed("/validate") == 0
    burst(page, CODE)
    expect_verdict(page, "valid", "Válido", "Voucher validado.")


def test_a_request_that_failed_is_sent_again_while_the_server_can_be_reached(
    open_till: OpenTill, vouchers: list[str], sandbox: SandboxServer, problems: Any
) -> None:
    problems.expect("ERR_FAILED")
    page = open_till()
    page.route("**/caixa/ler/", lambda route: route.abort(), times=1)
    with page.expect_event("requestfailed"):
        burst(page, CODE)
    for _step in range(8):
        pass_time(page, 0.5)
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    assert sandbox.committed("/validate") == 1


def test_a_session_that_ended_leads_to_the_login(
    open_till: OpenTill, vouchers: list[str], cashier: User, problems: Any
) -> None:
    page = open_till()
    # What the page asks for in the background at that moment is refused too.
    problems.expect("401")
    page.context.clear_cookies(name="sessionid")
    burst(page, CODE)
    page.wait_for_url("**/entrar/**")
    assert Redemption.objects.count() == 0


def test_without_javascript(open_till: OpenTill, vouchers: list[str], sandbox: SandboxServer) -> None:
    page = open_till(javascript=False)
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type(CODE)
    page.keyboard.press("Enter")
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    expect(page.locator("#camera-open")).to_be_hidden()
    page.keyboard.type(CODE)
    page.keyboard.press("Enter")
    expect(page.locator("#banner .till-reason")).to_have_text(re.compile("^Validado há"))
    page.locator(".till-line").nth(1).click()
    expect_verdict(page, "valid", "Válido", "Voucher validado.")
    assert sandbox.committed("/validate") == 1


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_state_is_accessible_and_as_large_as_the_laws_say(
    width: int,
    dark: bool,
    open_till: OpenTill,
    vouchers: list[str],
    sandbox: SandboxServer,
    axe: Callable[[Page], None],
    shot: Callable[[Page, str], None],
) -> None:
    sandbox.act("use_voucher", code="VALE-0002", used_at="2026-03-05T14:31:40-03:00", store="Loja Praia")
    sandbox.fault("drop_after", method="POST", path="vouchers/VALE-0003/*")
    page = open_till(width, 860 if width > 600 else 740, dark=dark)
    name = f"till-{{}}-{width}-{'dark' if dark else 'light'}"
    places = set()
    states = {"idle": "", "valid": CODE, "used": "VALE-0002", "refused": "NAO-EXISTE", "waiting": "VALE-0003"}
    for kind, code in states.items():
        if code:
            burst(page, code)
        expect(banner(page)).to_have_attribute("data-kind", kind)
        pass_time(page, 0.1)
        shot(page, name.format(kind))
        check_sizes(page, width)
        places.add(json.dumps(page.locator("#banner").bounding_box()))
        page.clock.resume()  # axe-core waits for timers
        axe(page)
        stop_clock(page)
    assert len(places) == 1, "the banner moved"
    page.keyboard.press("?")
    pass_time(page, 0.2)
    shot(page, name.format("help"))
    page.clock.resume()
    axe(page)
    page.keyboard.press("Escape")
    page.goto("/caixa/ponto/")
    shot(page, name.format("place"))
    axe(page)


def test_a_long_verdict_is_shown_whole_on_a_phone(
    open_till: OpenTill, vouchers: list[str], cashier: User, shot: Callable[[Page, str], None]
) -> None:
    store = Store.objects.create(
        name="Loja da Avenida Presidente Juscelino Kubitschek de Oliveira, 1.234, no subsolo"
    )
    elsewhere = Till.objects.create(store=store, name="Caixa preferencial ao lado da entrada")
    redeem(code=CODE, scan_id=uuid.uuid4(), cashier=cashier, till=elsewhere, store=store)
    page = open_till(360, 740)
    burst(page, CODE)
    expect(banner(page)).to_have_attribute("data-kind", "used")
    expect(banner(page)).to_contain_text(store.name)
    expect(banner(page)).to_contain_text(elsewhere.name)
    shot(page, "till-used-long-360")
    for part in (page.locator("#banner"), banner(page)):
        assert part.evaluate("it => it.scrollHeight - it.clientHeight") <= 0


def check_sizes(page: Page, width: int) -> None:
    """Banner, text, targets, and no sideways scrolling (laws 2 and 9)."""
    found = json.loads(
        page.evaluate(
            """() => {
            const box = (element) => element.getBoundingClientRect();
            const seen = (element) => element.checkVisibility() && !element.closest("dialog");
            const size = (name) => parseFloat(getComputedStyle(document.querySelector(name)).fontSize);
            const targets = [...document.querySelectorAll("#till :is(a, button, input:not([type=hidden]), summary)")]
                .filter(seen).map((element) => [element.textContent.trim().slice(0, 20), box(element)]);
            return JSON.stringify({
                banner: box(document.getElementById("banner")).height / innerHeight,
                words: ["#banner .till-word", "#banner .till-reason"].map(size),
                small: targets.filter(([, { width, height }]) => width < 48 || height < 48).map(([name]) => name),
                main: box(document.querySelector("#scan-form .till-go-button")).height,
                overflow: document.documentElement.scrollWidth - innerWidth,
            });
        }"""
        )
    )
    assert found["banner"] >= 0.3
    assert min(found["words"]) >= 35
    assert found["small"] == []
    assert found["main"] >= 64
    assert found["overflow"] <= 0, width
