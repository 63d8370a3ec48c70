"""What the tests of a lost link stand on: a cable that can be cut, browsers at a till, and a power cut.

Knows the till's page as far as opening it goes, and no test.
"""

import contextlib
import os
import select
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from smartbis_admin.staff.models import Till, User
from tests.browser.conftest import FLAGS, Problems

#: What a browser says of a link that is down.
NO_LINK = (
    "ERR_CONNECTION_REFUSED",
    "ERR_EMPTY_RESPONSE",
    "ERR_CONNECTION_RESET",
    "ERR_INTERNET_DISCONNECTED",
)


class Wire:
    """A cable between the browser and the live server: can be cut, and can lose what comes back."""

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self.target = (parts.hostname, parts.port)
        self.loses_answers = False
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{parts.hostname}:{self.port}"  # the same cookies
        self._serve(self._listener)

    def _serve(self, listener: socket.socket) -> None:
        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    ours = listener.accept()[0]
                    threading.Thread(target=self._carry, args=(ours,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()

    def _carry(self, ours: socket.socket) -> None:
        with ours, socket.create_connection(self.target) as theirs, contextlib.suppress(OSError, ValueError):
            self._open |= {ours, theirs}
            while True:
                for end in select.select([ours, theirs], [], [])[0]:
                    data = end.recv(65536)
                    if not data or (end is theirs and self.loses_answers):
                        return
                    (theirs if end is ours else ours).sendall(data)
        self._open -= {ours, theirs}

    def cut(self) -> None:
        """From now on connections are refused, and those there were are closed."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in list(self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """The same address answers again."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._serve(self._listener)


class Tills:
    """Browsers at the till. All of them share the problems that fail a test."""

    def __init__(
        self, chromium: Browser, wire: Wire, problems: Problems, sign_in: Callable[..., None]
    ) -> None:
        self.chromium, self.wire, self.problems, self.sign_in = chromium, wire, problems, sign_in
        self.contexts: list[BrowserContext] = []
        for part in NO_LINK:
            problems.expect(part)

    def context(
        self, width: int = 1280, height: int = 860, *, dark: bool = False, kept: Path | None = None
    ) -> BrowserContext:
        how: dict[str, Any] = {
            "base_url": self.wire.url,
            "viewport": {"width": width, "height": height},
            "locale": "pt-BR",
            "timezone_id": "America/Sao_Paulo",
            "color_scheme": "dark" if dark else "light",
        }
        if kept:
            context = self.chromium.browser_type.launch_persistent_context(
                str(kept), executable_path="/usr/bin/chromium", args=FLAGS, **how
            )
        else:
            context = self.chromium.new_context(**how)
        context.set_default_timeout(30_000)
        self.contexts.append(context)
        return context

    def page(self, context: BrowserContext) -> Page:
        page = context.new_page()

        def hear(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.problems.note(f"console: {message.text}")

        page.on("console", hear)
        page.on("pageerror", lambda error: self.problems.note(f"page error: {error}"))
        return page

    def open(self, cashier: User, till: Till, **how: Any) -> Page:
        """The till of an open shift, ready to lose its link."""
        context = self.context(**how)
        page = self.page(context)
        self.sign_in(page, cashier, till)
        page.goto("/caixa/")
        ready(page)
        return page


def ready(page: Page) -> None:
    """The snapshot is here, the page is kept, and the service worker is at work."""
    page.locator("#till[data-ready]").wait_for()
    page.locator("#offline[data-state=ready]").wait_for()
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.wait_for_function("async () => Boolean(await caches.match('/caixa/', { cacheName: 'till-page' }))")


def kill_browser(folder: Path) -> None:
    """Kill the processes of the browser that keeps its data in this folder, as a power cut does."""
    mark = f"--user-data-dir={folder}".encode()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and mark in (entry / "cmdline").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)
