"""From the last key of a scanner to the verdict on screen, in a real Chromium, by the page's own clock.

A program of its own, so that a browser that hangs can be ended: takes its order from standard input, as JSON with
web, session and codes, and prints the milliseconds.
"""

import json
import shutil
import sys
import time
from urllib.parse import urlsplit

from playwright.sync_api import TimeoutError as PlaywrightTimeout
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
  window.forget = () => { started = null; };
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
#: Milliseconds: for the page and its parts; for one verdict, after which that scan counts as missed.
PATIENCE, VERDICT = 30_000, 10_000


def measure(web: str, session: str, codes: list[str]) -> list[float]:
    """Scan these codes one after the other with a keyboard burst; milliseconds of each that was answered in time."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS, timeout=PATIENCE
        )
        context = browser.new_context(locale="pt-BR", viewport={"width": 1280, "height": 860})
        context.set_default_timeout(PATIENCE)
        context.add_cookies(
            [{"name": "sessionid", "value": session, "domain": urlsplit(web).hostname, "path": "/"}]
        )
        page = context.new_page()
        page.goto(f"{web}/caixa/")
        page.locator("[data-ready='1']").wait_for()
        page.evaluate(WATCH)
        for code in codes:
            before = page.evaluate("taken.length")
            page.keyboard.type(code)
            page.keyboard.press("Enter")
            try:
                page.wait_for_function(
                    "before => taken.length > before", arg=before, polling=20, timeout=VERDICT
                )
            except PlaywrightTimeout:
                page.evaluate("forget()")
            time.sleep(PAUSE)
        taken: list[float] = page.evaluate("taken")
        browser.close()
    return taken


if __name__ == "__main__":
    order = json.load(sys.stdin)
    print(json.dumps(measure(order["web"], order["session"], order["codes"])))
