"""The till's camera on Chromium's fake device, which films a QR code: the shipped decoder and the native one."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Browser, Page, expect

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till, User
from tests.browser.conftest import FLAGS
from vouchers.models import Redemption

CODE = "VALE-7K2M-9Q"
WIDTH, HEIGHT = 640, 480
NATIVE = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect(canvas) { return canvas.width > 0 ? [{ rawValue: "%s" }] : []; }
};
"""
TORCH = """
window.torch = [];
MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
MediaStreamTrack.prototype.applyConstraints = async ({ advanced }) => { torch.push(advanced[0].torch); };
"""


def film_of(code: str, file: Path) -> Path:
    """An uncompressed film of one frame: the code, black on white, in the middle."""
    modules = [list(row) for row in segno.make_qr(code).matrix_iter(scale=8, border=4)]
    luma = [bytearray(b"\xc8" * WIDTH) for _row in range(HEIGHT)]
    top, left = (HEIGHT - len(modules)) // 2, (WIDTH - len(modules[0])) // 2
    for y, row in enumerate(modules):
        luma[top + y][left : left + len(row)] = bytes(16 if dark else 235 for dark in row)
    grey = b"\x80" * (WIDTH * HEIGHT // 2)
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420\n".encode()
    file.write_bytes(head + b"FRAME\n" + b"".join(luma) + grey)
    return file


@pytest.fixture(scope="module")
def chromium(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera films the voucher's QR code."""
    film = film_of(CODE, tmp_path_factory.mktemp("film") / "voucher.y4m")
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"),
        args=[
            *FLAGS,
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture
def open_till(
    open_page: Callable[..., Page],
    sign_in: Callable[..., None],
    cashier: User,
    sandbox: SandboxServer,
    connection: Connection,
) -> Callable[..., Page]:
    """The till, with the voucher issued; `scripts` run before the page's own."""
    till = Till.objects.create(store=Store.objects.create(name="Loja Centro"), name="Caixa 1")
    sandbox.act("issue_voucher", code=CODE)

    def go(*scripts: str, width: int = 1280) -> Page:
        page = open_page(width)
        for script in scripts:
            page.add_init_script(script)
        sign_in(page, cashier, till)
        page.goto("/caixa/")
        page.locator("#till[data-ready]").wait_for()
        return page

    return go


def open_camera(page: Page) -> None:
    page.get_by_role("button", name="Câmera", exact=True).click()


def expect_one_valid_scan(page: Page, sandbox: SandboxServer) -> None:
    expect(page.locator("#banner .till-verdict")).to_have_attribute("data-kind", "valid")
    expect(page.locator("#banner .till-code")).to_have_text(CODE)
    # The code stays in view: still one sighting.
    page.evaluate(
        """() => new Promise((filmed) => {
            const video = document.querySelector("video");
            video.ontimeupdate = () => { if (video.currentTime > 3) filmed(); };
        })"""
    )
    assert Redemption.objects.count() == 1
    assert sandbox.committed("/validate") == 1


def test_the_shipped_decoder_reads_a_code_once(
    open_till: Callable[..., Page],
    sandbox: SandboxServer,
    axe: Callable[[Page], None],
    shot: Callable[[Page, str], None],
) -> None:
    page = open_till("delete window.BarcodeDetector;")
    open_camera(page)
    expect_one_valid_scan(page, sandbox)
    expect(page.locator("#code")).to_be_visible()
    expect(page.get_by_role("button", name="Lanterna")).to_be_hidden()
    axe(page)
    shot(page, "till-camera-1280")
    page.get_by_role("button", name="Fechar câmera").click()
    expect(page.locator("#camera")).to_be_hidden()
    assert page.evaluate("document.querySelector('video').srcObject") is None


def test_the_browsers_own_decoder_goes_first(open_till: Callable[..., Page], sandbox: SandboxServer) -> None:
    page = open_till(NATIVE % CODE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_camera(page)
    expect_one_valid_scan(page, sandbox)
    assert [url for url in asked if "zxing" in url] == []


def test_the_torch_where_there_is_one(open_till: Callable[..., Page]) -> None:
    page = open_till(NATIVE % CODE, TORCH, width=360)
    open_camera(page)
    torch = page.get_by_role("button", name="Lanterna")
    torch.click()
    expect(torch).to_have_attribute("aria-pressed", "true")
    torch.click()
    expect(torch).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("torch") == [True, False]


def test_the_decoder_is_fetched_only_on_demand(open_till: Callable[..., Page]) -> None:
    page = open_till()
    loaded = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [url for url in loaded if "zxing" in url or "camera" in url] == []


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("NotAllowedError", "A câmera não foi liberada. Permita a câmera no navegador ou digite o código."),
        ("NotFoundError", "Nenhuma câmera disponível. Digite o código."),
    ],
)
def test_without_a_camera_one_types(error: str, text: str, open_till: Callable[..., Page]) -> None:
    page = open_till(
        f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}'); }};"
    )
    open_camera(page)
    expect(page.get_by_text(text)).to_be_visible()
    page.locator("#code").fill(CODE)
    page.keyboard.press("Enter")
    expect(page.locator("#banner .till-verdict")).to_have_attribute("data-kind", "valid")
