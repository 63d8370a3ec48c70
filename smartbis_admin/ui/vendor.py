"""Brings the third-party browser files into the repository: `python -m smartbis_admin.ui.vendor`.

Run by developers when a version or an icon changes; `--check` only compares what is there with
`SHA256SUMS`. Packages are named by name and version and fetched with `npm pack`. Nothing at run time
imports this module.
"""

import argparse
import hashlib
import re
import shutil
import subprocess  # nosec B404: developer tool, fixed commands
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

from smartbis_admin.ui.icons import ICONS

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "smartbis_admin/ui/static/ui/vendor"
TILL = ROOT / "vouchers/static/till/vendor"
BROWSER_TESTS = ROOT / "tests/browser/vendor"
FOLDERS = (STATIC, TILL, BROWSER_TESTS)
#: Debian keeps the texts of common licences; packages that only name theirs get them from there.
APACHE = Path("/usr/share/common-licenses/Apache-2.0")
SUMS = "SHA256SUMS"


class Package(NamedTuple):
    """One npm package: the files copied out of it (path there → name here) and where they go."""

    name: str
    version: str
    target: Path
    files: dict[str, str]


TABLER = Package(
    "@tabler/core",
    "1.6.1",
    STATIC,
    {"dist/css/tabler.min.css": "tabler.min.css", "dist/js/tabler.min.js": "tabler.min.js"},
)
TABLER_ICONS = Package("@tabler/icons", "3.51.0", STATIC, {"LICENSE": "tabler-icons.LICENSE.txt"})
CHART = Package(
    "chart.js",
    "4.6.1",
    STATIC,
    {"dist/chart.umd.min.js": "chart.umd.min.js", "LICENSE.md": "chart.LICENSE.txt"},
)
AXE = Package("axe-core", "4.14.1", BROWSER_TESTS, {"axe.min.js": "axe.min.js", "LICENSE": "axe.LICENSE.txt"})
ZXING = Package(
    "zxing-wasm",
    "3.1.4",
    TILL,
    {
        "dist/iife/reader/index.js": "zxing_reader.js",
        "dist/reader/zxing_reader.wasm": "zxing_reader.wasm",
        "LICENSE": "zxing-wasm.LICENSE.txt",
    },
)
PACKAGES = (TABLER, TABLER_ICONS, CHART, ZXING, AXE)


def unpack(package: Package, workshop: Path) -> Path:
    """Fetch one package into `workshop` and return the folder it was unpacked to."""
    target = workshop / package.name.replace("/", "-")
    target.mkdir()
    npm = shutil.which("npm") or sys.exit("npm is needed to fetch the browser files: apt-get install npm")
    command = [
        npm,
        "pack",
        "--silent",
        "--pack-destination",
        str(target),
        f"{package.name}@{package.version}",
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # nosec B603
    with tarfile.open(next(target.glob("*.tgz"))) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def copy_file(source: Path, target: Path) -> None:
    """Copy a file. Scripts lose their source map comment, which would name a file that is not here, and
    the address of a public server that a decoder would fetch its program from when nobody tells it ours."""
    if source.suffix == ".wasm":
        shutil.copyfile(source, target)
        return
    text = source.read_text("utf-8")
    text = re.sub(r"(/\*|//)# sourceMappingURL=\S+?(\s*\*/)?\s*$", "", text)
    text = re.sub(r"https://[\w.]+/npm/zxing-wasm@[^`]+?/\$\{\w+\[1\]\}/", "", text)
    target.write_text(text.rstrip() + "\n", "utf-8")


def write_tabler_licence(css: Path, mit_text: Path, target: Path) -> None:
    """Tabler's package names its licence (MIT) but ships no text: its copyright lines, the usual terms."""
    owners = re.findall(r"^ \* (Copyright .+)$", css.read_text("utf-8")[:600], re.M)
    terms = mit_text.read_text("utf-8").partition("Permission is hereby granted")
    owners.append("Copyright 2011-2026 The Bootstrap Authors")
    target.write_text("MIT License\n\n" + "\n".join(owners) + "\n\n" + terms[1] + terms[2], "utf-8")


def write_sprite(icons: Path, target: Path) -> None:
    """One SVG with a symbol per icon of `ICONS`; a name Tabler does not have stops here."""
    symbols = []
    for name in sorted(ICONS):
        drawing = (icons / f"{name}.svg").read_text("utf-8")
        body = drawing.partition(">")[2].rpartition("</svg>")[0]
        shapes = [line.strip() for line in body.splitlines() if "M0 0h24v24H0z" not in line and line.strip()]
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(shapes)}</symbol>')
    head = '<svg xmlns="http://www.w3.org/2000/svg">'
    target.write_text(head + "\n" + "\n".join(symbols) + "\n</svg>\n", "utf-8")


def sums_of(folder: Path) -> str:
    """The contents of `SHA256SUMS` for a folder, in the format `sha256sum -c` reads."""
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


def fetch() -> None:
    """Replace every vendored file by a fresh copy and write the sums."""
    with tempfile.TemporaryDirectory() as temporary:
        for package in PACKAGES:
            folder = unpack(package, Path(temporary))
            package.target.mkdir(parents=True, exist_ok=True)
            for source, name in package.files.items():
                copy_file(folder / source, package.target / name)
            if package is TABLER_ICONS:
                write_sprite(folder / "icons/outline", STATIC / "icons.svg")
    write_tabler_licence(
        STATIC / "tabler.min.css", STATIC / "tabler-icons.LICENSE.txt", STATIC / "tabler.LICENSE.txt"
    )
    (TILL / "zxing-cpp.LICENSE.txt").write_text(
        "zxing_reader.wasm is built from zxing-cpp, Copyright the ZXing authors and contributors.\n\n"
        + APACHE.read_text("utf-8"),
        "utf-8",
    )
    for folder in FOLDERS:
        (folder / SUMS).write_text(sums_of(folder), "ascii")


def differences() -> list[str]:
    """Folders whose files no longer match their sums."""
    return [
        str(folder.relative_to(ROOT))
        for folder in FOLDERS
        if not (folder / SUMS).exists() or (folder / SUMS).read_text("ascii") != sums_of(folder)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Fetch the third-party browser files, or check them.")
    parser.add_argument("--check", action="store_true", help="compare with SHA256SUMS, change nothing")
    if not parser.parse_args().check:
        fetch()
    if changed := differences():
        sys.exit("vendored files do not match SHA256SUMS: " + ", ".join(changed))


if __name__ == "__main__":
    main()
