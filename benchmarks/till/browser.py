"""From the last key of a scanner to the verdict on screen, in a real Chromium, by the page's own clock."""

import shutil
import time
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
]
#: Notes when the Enter of a burst is pressed (before the page hears it: it lets nobody else hear), and when the
#: banner shows the verdict and is about to be painted.
WATCH = """
() => {
  window.taken = [];
  let started = null;
  window.addEventListener("keydown", (event) => { if (event.key === "Enter") started = event.timeStamp; }, true);
  new MutationObserver(() => {
    const kind = document.querySelector("#banner [data-kind]")?.dataset.kind;
    if (started === null || kind !== "valid") return;
    const from = started;
    started = null;
    requestAnimationFrame(() => { taken.push(performance.now() - from); });
  }).observe(document.getElementById("banner"), { childList: true, subtree: true });
}
"""
#: Longer than a verdict's own sound, shorter than anybody scans.
PAUSE = 0.25


def measure(web: str, session: str, codes: list[str]) -> list[float]:
    """Scan these codes one after the other with a keyboard burst; milliseconds of each."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        context = browser.new_context(locale="pt-BR", viewport={"width": 1280, "height": 860})
        context.add_cookies(
            [{"name": "sessionid", "value": session, "domain": urlsplit(web).hostname, "path": "/"}]
        )
        page = context.new_page()
        page.goto(f"{web}/caixa/")
        page.locator("[data-ready='1']").wait_for()
        page.evaluate(WATCH)
        for count, code in enumerate(codes, start=1):
            page.keyboard.type(code)
            page.keyboard.press("Enter")
            page.wait_for_function("count => taken.length >= count", arg=count, polling=20)
            time.sleep(PAUSE)
        taken: list[float] = page.evaluate("taken")
        browser.close()
    return taken
