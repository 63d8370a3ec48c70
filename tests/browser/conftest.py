"""A real Chromium against the live server, and what every browser test insists on: no console error, no
CSP violation, no request to anybody else.

Owns the browser and its pages; knows no screen.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from smartbis_admin.staff.models import Till, User

# Playwright's loop runs in this thread; Django would take its own queries for asynchronous ones.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

HERE = Path(__file__).parent
SHOTS = HERE.parents[1] / "var" / "shots"
#: What Playwright turns off, which is lost when another list is given: Chromium takes the last one.
PLAYWRIGHT_OFF = [
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
]
#: Pages of the browser's own address bar, loaded anew in a process of their own for every window, hence for every
#: context, seen by nobody here: they took five times the processor time of the page under test.
ADDRESS_BAR = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "PreloadTopChromeWebUI"]
#: Every page in a new frame of the browser, which no page can tell: a quarter of what it takes to open one.
NEW_FRAMES = ["RenderDocument"]
FLAGS = [
    f"--disable-features={','.join(PLAYWRIGHT_OFF + ADDRESS_BAR + NEW_FRAMES)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--lang=pt-BR",
]
expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, started once."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Problems(list[str]):
    """What went wrong in the browser; `expect` names a part of a message that is meant to happen."""

    def __init__(self) -> None:
        super().__init__()
        self.expected: list[str] = []

    def expect(self, part: str) -> None:
        self.expected.append(part)

    def note(self, problem: str) -> None:
        if not any(part in problem for part in self.expected):
            self.append(problem)


@pytest.fixture
def problems() -> Iterator[Problems]:
    """Fails the test that left any behind."""
    noted = Problems()
    yield noted
    assert noted == [], "the browser complained:\n" + "\n".join(noted)


@pytest.fixture
def open_page(chromium: Browser, live_server: "object", problems: Problems) -> Iterator[Callable[..., Page]]:
    """Open a page of its own browser context: `open_page(width=360, height=740, dark=True)`."""
    contexts = []
    own_host = urlsplit(str(live_server)).netloc

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.note(f"console: {message.text} ({message.location.get('url')})")

    def watch(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != own_host:
            problems.note(f"request to another host: {parts.scheme}://{parts.netloc}")

    def make(width: int = 1280, height: int = 860, *, dark: bool = False, javascript: bool = True) -> Page:
        context = chromium.new_context(
            base_url=str(live_server),
            viewport={"width": width, "height": height},
            has_touch=width < 600,
            locale="pt-BR",
            timezone_id="America/Sao_Paulo",
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            service_workers="block",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: problems.note(f"page error: {error}"))
        page.on("request", watch)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def desktop(open_page: Callable[..., Page]) -> Page:
    return open_page()


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    return open_page(360, 740)


@pytest.fixture
def sign_in(live_server: object) -> Callable[..., None]:
    """Sign a person in without the login form, `sign_in(page, manager)`, and put them at a till without its page,
    `sign_in(page, cashier, till)`."""

    def sign(page: Page, person: User, till: Till | None = None) -> None:
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        if till is not None:
            assert client.post("/caixa/ponto/", {"till": till.pk}).url == "/caixa/"
        page.context.add_cookies(
            [
                {"name": name, "value": cookie.value, "url": str(live_server)}
                for name, cookie in client.cookies.items()
            ]
        )

    return sign


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Assert that axe-core finds no accessibility violation on the page as it stands."""
    source = (HERE / "vendor" / "axe.min.js").read_text("utf-8")
    # Of everything else than violations axe only finds one of each kind, which is quicker. Style sheets are read
    # beforehand for css-orientation-lock alone, which is experimental and not among the rules that run.
    # A button on its way from one colour to another (the pointer is where the last page was pressed) has neither.
    run = """async () => {
        const transitions = document.getAnimations().filter((it) => it instanceof CSSTransition);
        await Promise.allSettled(transitions.map((it) => it.finished));
        const how = { resultTypes: ["violations"], preload: { assets: ["media"] } };
        return (await axe.run(document, how)).violations;
    }"""

    def check(page: Page) -> None:
        page.wait_for_load_state()  # a click returns once the next page has begun, its head read and no more
        # Not page.evaluate: what is evaluated within a page is compiled anew in each of them.
        tab = page.context.new_cdp_session(page)
        tab.send("Runtime.evaluate", {"expression": source})
        tab.detach()
        found = page.evaluate(run)
        lines = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}\n    "
            + "\n    ".join(f"{node['html'][:160]} — {node['failureSummary']}" for node in rule["nodes"][:4])
            for rule in found
        ]
        assert lines == [], f"{page.url}\n" + "\n".join(lines)

    return check


@pytest.fixture(scope="session")
def shot() -> Callable[..., None]:
    """Keep a screenshot as var/shots/NAME.png when SHOTS=1 is in the environment."""

    def take(page: Page, name: str, *, full_page: bool = False) -> None:
        if os.environ.get("SHOTS") == "1":
            SHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SHOTS / f"{name}.png", full_page=full_page)

    return take
