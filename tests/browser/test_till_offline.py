"""The till without its own link, in a real Chromium with its service worker: the link is really cut (the address
refuses connections), the page is reloaded and killed, and everything arrives once.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings

from sandbox.testing import SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Shift, Store, Till, User
from smartbis_admin.sync import jobs
from tests.browser.cable import Tills, Wire, kill_browser, ready
from tests.browser.conftest import Problems
from vouchers.contingency.handing import hand_over_all
from vouchers.contingency.models import ContingencyRelease, ContingencyUse
from vouchers.models import Redemption

CODES = ["VALE-7K2M-9Q", "VALE-0002", "VALE-0003"]
DEAR = "VALE-CARO"


@pytest.fixture
def wire(live_server: object) -> Iterator[Wire]:
    made = Wire(str(live_server))
    yield made
    made.cut()


@pytest.fixture
def store(db: None) -> Store:
    return Store.objects.create(
        name="Loja Centro",
        contingency=Store.Contingency.ACCEPT,
        contingency_max_value=Decimal(50),
        contingency_max_per_hour=2,
        contingency_needs_pin=True,
    )


@pytest.fixture
def till(store: Store) -> Till:
    return Till.objects.create(store=store, name="Caixa 1")


@pytest.fixture
def vouchers(sandbox: SandboxServer, connection: Connection) -> list[str]:
    """Three vouchers of R$ 20 and one of R$ 80, mirrored."""
    maria = sandbox.act("create_customer", name="Maria Souza", cpf="52998224725")
    issued = [{"code": code, "customer_id": str(maria["id"]), "value": "20.00"} for code in CODES]
    sandbox.act("issue_voucher", [*issued, {**issued[0], "code": DEAR, "value": "80.00"}])
    jobs.sync_everywhere(Resource.CUSTOMERS)
    jobs.sync_everywhere(Resource.VOUCHERS)
    return CODES


@pytest.fixture
def shift(till: Till, cashier: User) -> Shift:
    now = timezone.now()
    return Shift.objects.create(till=till, cashier=cashier, opened_at=now, seen_at=now)


@pytest.fixture
def release(shift: Shift, manager: User) -> ContingencyRelease:
    now = timezone.now()
    return ContingencyRelease.objects.create(
        shift=shift, manager=manager, at=now, until=now + timedelta(hours=2)
    )


@pytest.fixture
def tills(chromium: Browser, wire: Wire, problems: Problems, sign_in: Callable[..., None]) -> Iterator[Tills]:
    made = Tills(chromium, wire, problems, sign_in)
    yield made
    for context in made.contexts:
        with contextlib.suppress(Exception):
            context.close()


def scan(page: Page, code: str) -> None:
    page.locator("#code").fill(code)
    page.keyboard.press("Enter")


def expect_banner(page: Page, kind: str, word: str, reason: str | re.Pattern[str]) -> None:
    slow = {"timeout": 30_000}
    expect(page.locator("#banner .till-verdict")).to_have_attribute("data-kind", kind, **slow)
    expect(page.locator("#banner .till-word")).to_have_text(word, **slow)
    expect(page.locator("#banner .till-reason")).to_have_text(reason, **slow)


def expect_offer(page: Page) -> None:
    expect_banner(page, "offer", "Sem internet", "Validar em contingência?")


def expect_accepted(page: Page) -> None:
    expect_banner(page, "contingency", "Aceito em contingência", "Ainda não confirmado pela plataforma.")


def accept(page: Page, code: str) -> None:
    """Read a code without a link, and answer the question with Enter."""
    scan(page, code)
    expect_offer(page)
    page.keyboard.press("Enter")
    expect_accepted(page)


def waiting(page: Page) -> list[str]:
    """The scans that wait for the server, newest first: word and code."""
    words = page.locator("#offline .till-line-word").all_text_contents()
    codes = page.locator("#offline .till-line-code").all_text_contents()
    return [f"{word} {code}" for word, code in zip(words, codes, strict=True)]


def handed_over(page: Page) -> None:
    expect(page.locator("#offline[data-waiting]")).to_have_count(0, timeout=30_000)


def validations(sandbox: SandboxServer) -> list[str]:
    return [row["path"].split("/")[-2] for row in sandbox.log() if row["path"].endswith("/validate")]


# --- Accepted, kept, handed over ------------------------------------------------------------------------
def test_accepted_without_a_server_kept_through_reloads_and_confirmed_once(
    tills: Tills,
    wire: Wire,
    cashier: User,
    till: Till,
    vouchers: list[str],
    release: ContingencyRelease,
    sandbox: SandboxServer,
) -> None:
    page = tills.open(cashier, till)
    wire.cut()
    scan(page, vouchers[0])
    expect_offer(page)
    expect(page.locator("#banner .till-facts")).to_contain_text("R$ 20,00")
    expect(page.locator("#till")).to_have_attribute("data-link", "offline")
    expect(page.locator(".till-link")).to_contain_text("Sem internet")
    page.keyboard.press("Enter")
    expect_accepted(page)
    assert "VÁLIDO" not in page.locator("#banner").inner_text().upper().replace("VALIDADO", "")
    scan(page, "vale 7k2m 9q")
    expect_banner(page, "contingency", "Aceito em contingência", "É a mesma leitura, aceita há pouco.")
    scan(page, DEAR)
    expect_banner(page, "refused", "Sem conexão – não validar", "Vale mais do que se aceita sem internet.")
    page.reload()
    page.locator("#till[data-ready]").wait_for()
    expect(page.locator("#offline .till-line")).to_have_count(3)
    assert waiting(page) == [
        "Não validado …CARO",
        "Sem resposta do caixa …m 9q",
        "Aceito em contingência …M-9Q",
    ]
    page.goto("/caixa/turno/encerrar/")  # leads back to what works without a link
    page.wait_for_url("**/caixa/")
    scan(page, vouchers[1])
    expect_offer(page)
    page.get_by_role("button", name="Validar em contingência").click()
    expect_accepted(page)
    assert Redemption.objects.count() == 0
    wire.mend()
    handed_over(page)
    expect(page.locator("#till")).to_have_attribute("data-link", re.compile("online|slow"))
    rows = Redemption.objects.order_by("happened_at")
    assert [(row.code, row.state) for row in rows] == [
        (vouchers[0], "contingency"),
        (vouchers[0], "not_done"),
        (DEAR, "not_done"),
        (vouchers[1], "contingency"),
    ]
    assert list(ContingencyUse.objects.order_by("position").values_list("position", "state", "breach")) == [
        (1, "waiting", ""),
        (4, "waiting", ""),
    ]
    assert hand_over_all() == 2
    assert validations(sandbox) == vouchers[:2]
    assert sandbox.committed("/validate") == 2
    scan(page, vouchers[2])
    expect_banner(page, "valid", "Válido", "Voucher validado.")
    expect(page.locator("#status .till-line[data-kind=valid]")).to_have_count(3)


def test_the_browser_is_killed_and_nothing_is_lost(
    tills: Tills,
    wire: Wire,
    cashier: User,
    till: Till,
    vouchers: list[str],
    release: ContingencyRelease,
    sandbox: SandboxServer,
    tmp_path: Path,
) -> None:
    page = tills.open(cashier, till, kept=tmp_path)
    wire.cut()
    accept(page, vouchers[0])
    kill_browser(tmp_path)
    page = tills.page(tills.context(kept=tmp_path))
    page.goto("/caixa/")
    page.locator("#till[data-ready]").wait_for()
    expect(page.locator("#offline .till-line")).to_have_count(1)
    assert waiting(page) == ["Aceito em contingência …M-9Q"]
    # A browser that is killed may have forgotten its cookies: the person signs in and chooses the till again.
    tills.problems.expect("status of 40")
    page.goto("about:blank")
    wire.mend()
    tills.sign_in(page, cashier)
    page.goto("/caixa/ponto/")
    page.get_by_role("button", name=till.name).click()
    ready(page)
    handed_over(page)
    assert hand_over_all() == 1
    assert sandbox.committed("/validate") == 1


def test_an_answer_that_was_lost_is_not_a_second_validation(
    tills: Tills,
    wire: Wire,
    cashier: User,
    till: Till,
    vouchers: list[str],
    release: ContingencyRelease,
    sandbox: SandboxServer,
) -> None:
    page = tills.open(cashier, till)
    wire.loses_answers = True
    scan(page, vouchers[0])
    expect_offer(page)  # it was validated, and nobody here can know
    assert sandbox.committed("/validate") == 1
    page.keyboard.press("Enter")
    expect_accepted(page)
    wire.loses_answers = False
    handed_over(page)
    expect_banner(page, "valid", "Válido", "Voucher validado.")
    hand_over_all()
    assert (sandbox.committed("/validate"), len(validations(sandbox))) == (1, 1)
    assert [(row.state, row.code) for row in Redemption.objects.all()] == [("valid", vouchers[0])]


def test_used_elsewhere_meanwhile_is_a_conflict_in_the_list(
    tills: Tills,
    wire: Wire,
    cashier: User,
    till: Till,
    vouchers: list[str],
    release: ContingencyRelease,
    sandbox: SandboxServer,
) -> None:
    page = tills.open(cashier, till)
    wire.cut()
    accept(page, vouchers[0])
    sandbox.act("use_voucher", code=vouchers[0], store="Loja Praia")
    wire.mend()
    handed_over(page)
    hand_over_all()
    use = ContingencyUse.objects.get()
    assert (use.state, use.redemption.state) == ("conflict", "used")
    page.reload()
    expect(page.locator("#status .till-line")).to_have_attribute("data-kind", "used")


def test_two_tabs_of_a_till_share_the_limit_and_hand_over_once(
    tills: Tills,
    wire: Wire,
    cashier: User,
    till: Till,
    vouchers: list[str],
    release: ContingencyRelease,
    sandbox: SandboxServer,
) -> None:
    one = tills.open(cashier, till)
    two = tills.page(one.context)
    two.goto("/caixa/")
    ready(two)
    wire.cut()
    for page, code in zip([one, two], vouchers, strict=False):
        accept(page, code)
    scan(one, vouchers[2])
    expect_banner(one, "refused", "Sem conexão – não validar", "O limite de vouchers por hora foi atingido.")
    wire.mend()
    handed_over(one)
    handed_over(two)
    assert Redemption.objects.count() == 3
    assert hand_over_all() == 2
    assert sandbox.committed("/validate") == 2


# --- What is not accepted --------------------------------------------------------------------------------
def test_without_a_release_nothing_is_accepted_and_the_scan_is_recorded(
    tills: Tills,
    wire: Wire,
    cashier: User,
    till: Till,
    vouchers: list[str],
    shift: Shift,
    sandbox: SandboxServer,
) -> None:
    page = tills.open(cashier, till)
    page.context.set_offline(True)
    scan(page, vouchers[0])
    expect_banner(
        page, "refused", "Sem conexão – não validar", "A contingência não foi liberada neste turno."
    )
    page.locator(".till-tools a").first.click()
    expect(page.locator(".toast-card")).to_contain_text("Isto só funciona com internet.")
    page.context.set_offline(False)
    handed_over(page)
    row = Redemption.objects.get()
    assert (row.state, row.shift) == ("not_done", shift)
    assert (ContingencyUse.objects.count(), sandbox.committed("/validate")) == (0, 0)


def test_a_store_that_refuses(
    tills: Tills, wire: Wire, cashier: User, store: Store, till: Till, vouchers: list[str], shift: Shift
) -> None:
    store.contingency = Store.Contingency.REFUSE
    store.save()
    page = tills.open(cashier, till)
    page.context.set_offline(True)
    scan(page, vouchers[0])
    expect_banner(page, "refused", "Sem conexão – não validar", "A loja não aceita vouchers sem internet.")
    assert page.get_by_role("button", name="Validar em contingência").count() == 0


def test_the_link_comes_back_while_the_question_stands(
    tills: Tills,
    wire: Wire,
    cashier: User,
    till: Till,
    vouchers: list[str],
    release: ContingencyRelease,
    sandbox: SandboxServer,
) -> None:
    page = tills.open(cashier, till)
    page.context.set_offline(True)
    scan(page, vouchers[0])
    expect_offer(page)
    page.context.set_offline(False)
    expect(page.locator("#till")).to_have_attribute("data-link", re.compile("online|slow"), timeout=30_000)
    page.keyboard.press("Enter")
    expect_banner(page, "valid", "Válido", "Voucher validado.")
    handed_over(page)
    assert (Redemption.objects.count(), sandbox.committed("/validate")) == (1, 1)


# --- Whose it is -----------------------------------------------------------------------------------------
CONTENT = """async () => {
    const answer = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
    const database = await answer(indexedDB.open("till"));
    const names = (store) => answer(database.transaction(store).objectStore(store).getAllKeys());
    const found = { keys: await names("keys"), kept: await names("kept"), outbox: (await names("outbox")).length };
    database.close();
    return { ...found, page: await caches.has("till-page") };
}"""


def test_signing_out_wipes_and_what_waits_stays_until_the_till_is_back(
    tills: Tills,
    wire: Wire,
    cashier: User,
    till: Till,
    vouchers: list[str],
    release: ContingencyRelease,
    sandbox: SandboxServer,
) -> None:
    page = tills.open(cashier, till)
    assert page.evaluate(CONTENT) == {
        "keys": ["snapshot"],
        "kept": ["owner", "snapshot"],
        "outbox": 0,
        "page": True,
    }
    wire.cut()
    accept(page, vouchers[0])
    # The session ends while the queue waits.
    tills.problems.expect("status of 401")
    page.context.clear_cookies(name="sessionid")
    wire.mend()
    page.wait_for_url("**/entrar/**")
    expect(page.locator("#till-left")).to_be_visible()
    assert page.evaluate(CONTENT) == {"keys": ["outbox"], "kept": [], "outbox": 1, "page": False}
    assert Redemption.objects.count() == 0
    tills.sign_in(page, cashier)
    page.goto("/caixa/")
    ready(page)
    handed_over(page)
    assert [row.state for row in Redemption.objects.all()] == ["contingency"]
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sair", exact=True).click()
    page.wait_for_url("**/entrar/**")
    expect(page.locator("#till-left")).to_be_hidden()
    page.wait_for_function(f"async () => !(await ({CONTENT})()).kept.length")
    assert page.evaluate(CONTENT) == {"keys": [], "kept": [], "outbox": 0, "page": False}


# --- The page itself ------------------------------------------------------------------------------------
def test_a_new_version_takes_over_and_loses_nothing(
    tills: Tills,
    wire: Wire,
    cashier: User,
    till: Till,
    vouchers: list[str],
    release: ContingencyRelease,
    settings: Settings,
) -> None:
    page = tills.open(cashier, till)
    before = page.evaluate("caches.keys()")
    page.context.set_offline(True)
    accept(page, vouchers[0])
    Connection.objects.update(is_active=False)  # nothing can be handed over yet
    tills.problems.expect("status of 503")
    page.context.set_offline(False)
    settings.VERSION = "99.0.0"
    page.evaluate("navigator.serviceWorker.ready.then((it) => it.update()).then(() => null)")
    page.wait_for_function(
        """async (before) => {
            const names = await caches.keys();
            return names.length === 2 && names.some((name) => !before.includes(name));
        }""",
        arg=before,
    )
    wire.cut()
    page.reload()
    page.locator("#till[data-ready]").wait_for()
    expect(page.locator("#offline .till-line")).to_have_count(1)
    assert waiting(page) == ["Aceito em contingência …M-9Q"]


def test_the_browser_says_that_the_link_is_back_and_the_worker_hands_over(
    tills: Tills,
    wire: Wire,
    cashier: User,
    till: Till,
    vouchers: list[str],
    release: ContingencyRelease,
) -> None:
    page = tills.open(cashier, till)
    wire.cut()
    accept(page, vouchers[0])
    page.clock.install()  # the page itself finds out nothing more
    wire.mend()
    cdp = page.context.new_cdp_session(page)
    registrations: list[dict[str, Any]] = []
    cdp.on(
        "ServiceWorker.workerRegistrationUpdated", lambda found: registrations.extend(found["registrations"])
    )
    cdp.send("ServiceWorker.enable")
    while not registrations:
        page.evaluate("0")  # lets what the browser says meanwhile be heard
    event = {
        "origin": wire.url,
        "registrationId": registrations[0]["registrationId"],
        "tag": "till-hand-over",
    }
    cdp.send("ServiceWorker.dispatchSyncEvent", {**event, "lastChance": True})
    expect(page.locator("#offline[data-waiting]")).to_have_count(0, timeout=30_000)
    assert [row.state for row in Redemption.objects.all()] == ["contingency"]


def test_without_https_it_says_so_and_works_online(
    tills: Tills, cashier: User, till: Till, vouchers: list[str], shift: Shift
) -> None:
    context = tills.context()
    context.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page = tills.page(context)
    tills.sign_in(page, cashier)
    page.goto("/caixa/")
    page.get_by_role("button", name=till.name).click()
    expect(page.locator("#offline")).to_have_attribute("data-state", "unable")
    expect(page.get_by_text("o modo offline precisa de HTTPS")).to_be_visible()
    scan(page, vouchers[0])
    expect_banner(page, "valid", "Válido", "Voucher validado.")


# --- On screen -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_states_without_a_link_are_accessible(
    width: int,
    dark: bool,
    tills: Tills,
    cashier: User,
    till: Till,
    vouchers: list[str],
    release: ContingencyRelease,
    axe: Callable[[Page], None],
    shot: Callable[..., None],
) -> None:
    page = tills.open(cashier, till, width=width, height=860 if width > 600 else 740, dark=dark)
    name = f"till-offline-{{}}-{width}-{'dark' if dark else 'light'}"
    shot(page, name.format("online"), full_page=True)
    page.context.set_offline(True)
    scan(page, vouchers[0])
    expect_offer(page)
    shot(page, name.format("offer"), full_page=True)
    axe(page)
    page.keyboard.press("Enter")
    expect_accepted(page)
    shot(page, name.format("accepted"), full_page=True)
    axe(page)
    scan(page, DEAR)
    expect_banner(page, "refused", "Sem conexão – não validar", "Vale mais do que se aceita sem internet.")
    shot(page, name.format("refused"), full_page=True)
    page.get_by_role("button", name="Teclado na tela").click()
    page.get_by_role("button", name="ABC", exact=True).click()
    shot(page, name.format("keypad"), full_page=True)
    axe(page)
    keys = page.locator("#keypad button:visible").evaluate_all(
        """(keys) => keys.map((key) => key.getBoundingClientRect())
            .map(({ left, top, right, bottom }) => [left, top, right, bottom])"""
    )
    assert len(keys) == 29
    assert min(right - left for left, _top, right, _bottom in keys) >= 72
    assert min(bottom - top for _left, top, _right, bottom in keys) >= 72
    rows = [(a, b) for a, b in pairwise(keys) if a[1] == b[1]]
    assert min(b[0] - a[2] for a, b in rows) >= 8
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_keypad_types_codes_and_amounts_and_is_remembered(
    tills: Tills,
    cashier: User,
    store: Store,
    till: Till,
    vouchers: list[str],
    shift: Shift,
    sandbox: SandboxServer,
) -> None:
    store.look_above = Decimal(50)
    store.save()
    page = tills.open(cashier, till, width=360, height=740)
    page.get_by_role("button", name="Teclado na tela").click()
    page.reload()
    page.locator("#till[data-ready]").wait_for()
    keypad = page.locator("#keypad")

    def press(keys: str) -> None:
        for key in keys:
            keypad.get_by_role("button", name=key, exact=True).click()

    keypad.get_by_role("button", name="ABC", exact=True).click()
    press("VALECAROX")
    keypad.get_by_role("button", name="Apagar").click()
    expect(page.locator("#code")).to_have_value("VALECARO")
    expect(page.locator("#code")).to_have_attribute("inputmode", "none")
    keypad.get_by_role("button", name="Validar").click()
    expect(page.locator("#banner .till-verdict")).to_have_attribute("data-kind", "look")
    page.locator("#look-amount").click()
    press("90,50")
    expect(page.locator("#look-amount")).to_have_value("90,50")
    keypad.get_by_role("button", name="Validar").click()
    expect_banner(page, "valid", "Válido", "Voucher validado.")
    assert sandbox.committed("/validate") == 1
