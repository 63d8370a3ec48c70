"""What the server gives the till for the time without its own link: manifest, worker, shell."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django.fixtures import Settings

from smartbis_admin.staff.models import Till
from vouchers.models import Redemption
from vouchers.till.offline import IMPORTED, NAMED, shell_files, shell_version
from vouchers.till.offline_notices import OFFLINE

STATIC = Path(__file__).parents[2] / "vouchers" / "static" / "till"
IMPORT = re.compile(r"""(?:from|import\() ?"(\.{1,2}/[^"]+)\"""")


@pytest.fixture
def at_till(cashier_client: Client, till: Till) -> Client:
    cashier_client.post("/caixa/ponto/", {"till": till.pk})
    return cashier_client


def test_the_manifest_is_the_till_alone_and_its_icons_exist(client: Client) -> None:
    response = client.get("/caixa/app.webmanifest")
    manifest = json.loads(response.content)
    assert response["Content-Type"] == "application/manifest+json"
    assert (manifest["name"], manifest["start_url"], manifest["scope"], manifest["display"]) == (
        "Caixa – Smartbis Admin", "/caixa/", "/caixa/", "standalone",
    )  # fmt: skip
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    assert all(finders.find(icon["src"].removeprefix("/static/")) for icon in manifest["icons"])


def test_the_worker_may_serve_the_till_and_nothing_else(client: Client) -> None:
    response = client.get("/caixa/worker.js")
    text = response.content.decode()
    assert response["Content-Type"] == "text/javascript"
    assert (response["Service-Worker-Allowed"], response["Cache-Control"]) == ("/caixa/", "no-cache")
    assert "worker-src 'self'" in response["Content-Security-Policy"]
    assert text.splitlines()[0] == 'import { serve } from "/static/till/worker.js";'
    shell = json.loads(re.search(r"serve\((.+)\);", text).group(1))  # type: ignore[union-attr]
    assert shell["files"] == shell_files()
    assert (shell["version"], shell["page"], shell["delivery"]) == (
        shell_version(), "/caixa/", "/caixa/contingencia/entrega/",
    )  # fmt: skip


def test_a_new_version_of_the_program_is_a_new_version_of_the_worker(
    client: Client, settings: Settings
) -> None:
    before = client.get("/caixa/worker.js").content
    assert client.get("/caixa/worker.js").content == before
    settings.VERSION = "99.0.0"
    assert client.get("/caixa/worker.js").content != before


def test_everything_a_module_of_the_till_imports_is_kept() -> None:
    assert all(finders.find(path) for path in (*NAMED, *IMPORTED))
    needed, todo = set[Path](), [STATIC / "till.js"]
    while todo:
        module = todo.pop()
        imported = {(module.parent / name).resolve() for name in IMPORT.findall(module.read_text("utf-8"))}
        todo += imported - needed
        needed |= imported
    assert {f"till/{path.relative_to(STATIC)}" for path in needed} == set(IMPORTED)


def test_every_outcome_without_a_link_has_its_words(at_till: Client) -> None:
    policy, desk = ((STATIC / "offline" / name).read_text("utf-8") for name in ("policy.js", "desk.js"))
    stages = set(re.findall(r'"([a-z]+)"', policy)) | set(re.findall(r'stage: (?:\w+ \? )?"([a-z]+)"', desk))
    # `repeated` goes with the kind of the first verdict; `accept` is a mode of the policy.
    assert stages - {"repeated", "accept"} <= set(OFFLINE)
    assert len(stages) == 19
    page = at_till.get("/caixa/").content.decode()
    assert set(re.findall(r'<template data-offline="([^"]+)">', page)) == set(OFFLINE)
    assert set(re.findall(r'<template data-line="([^"]+)">', page)) == {"accepted", "refused", "unknown"}


def test_the_shell_is_the_till_without_anything_that_was_read(
    at_till: Client, till: Till, scan: object
) -> None:
    scan("NAO-EXISTE")  # type: ignore[operator]
    kept = Redemption.objects.get()
    page = at_till.get("/caixa/")
    shell = at_till.get("/caixa/sem-internet/")
    assert str(kept.pk) in page.content.decode()
    assert str(kept.pk) not in shell.content.decode()
    assert "ISTE" not in shell.content.decode()
    assert shell["X-Till-Shell"] == re.search(r'data-shift="(\d+)"', shell.content.decode()).group(1)  # type: ignore[union-attr]
    assert "no-store" in shell["Cache-Control"]


def test_nobody_elses_shift_and_no_login_page_is_taken_for_the_shell(
    at_till: Client, client: Client, manager_client: Client, till: Till
) -> None:
    assert client.get("/caixa/sem-internet/").status_code == 302
    manager_client.post("/caixa/ponto/", {"till": till.pk})
    gate = manager_client.get("/caixa/sem-internet/")
    assert "Caio está neste ponto de caixa" in gate.content.decode()
    assert "X-Till-Shell" not in gate
