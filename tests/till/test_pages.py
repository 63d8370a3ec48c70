"""The till over HTTP: where one stands, a scan with and without the page's script, what is new."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till, User
from tests.conftest import signed_in
from tests.till.conftest import CODE, CPF, effects, validations
from vouchers.models import Redemption, Voucher

State = Redemption.State
TILL, PLACE = "/caixa/", "/caixa/ponto/"
SCRIPT = {"HTTP_HX_REQUEST": "true"}


def words(html: str) -> list[str]:
    """Word, reason and next step of the banner in a page or fragment."""
    return [
        re.sub(r"<.*?>", "", re.search(rf'class="till-{part}">(.*?)</p>', html, re.S)[1]).strip()  # type: ignore[index]
        for part in ("word", "reason", "next")
    ]


@pytest.fixture
def at_till(cashier_client: Client, till: Till, connection: Connection) -> Client:
    """The cashier, who has said where they stand."""
    assert cashier_client.post(PLACE, {"till": till.pk}).url == TILL  # type: ignore[attr-defined]
    return cashier_client


def read(client: Client, code: str = CODE, **more: Any) -> Any:
    """A scan as the page's script sends it."""
    return client.post("/caixa/ler/", {"scan": str(uuid.uuid4()), "code": code, **more}, **SCRIPT)


# --- Where one stands -----------------------------------------------------------------------------------
def test_the_till_asks_once_where_one_stands(cashier_client: Client, till: Till, other_till: Till) -> None:
    assert cashier_client.get(TILL).url == PLACE  # type: ignore[attr-defined]
    page = cashier_client.get(PLACE).content.decode()
    assert re.findall(r'name="till" value="(\d+)"', page) == [str(till.pk), str(other_till.pk)]
    assert cashier_client.post(PLACE, {"till": till.pk}).url == TILL  # type: ignore[attr-defined]
    assert "Loja Centro · Caixa 1" in cashier_client.get(TILL).content.decode()


def test_the_browser_remembers_its_till_after_signing_out(at_till: Client, manager: User) -> None:
    at_till.post(reverse("staff:logout"))
    at_till.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    assert "Loja Centro · Caixa 1" in at_till.get(TILL).content.decode()


def test_a_forged_memory_is_not_believed(cashier_client: Client, till: Till) -> None:
    cashier_client.cookies["till"] = str(till.pk)
    assert cashier_client.get(TILL).url == PLACE  # type: ignore[attr-defined]


def test_only_the_persons_own_stores(
    cashier: User, cashier_client: Client, till: Till, manager_client: Client
) -> None:
    beach = Till.objects.create(store=Store.objects.create(name="Loja Praia"), name="Caixa 1")
    cashier.stores.set([beach.store])
    assert re.findall(r'name="till" value="(\d+)"', cashier_client.get(PLACE).content.decode()) == [
        str(beach.pk)
    ]
    refused = cashier_client.post(PLACE, {"till": till.pk})
    assert refused.status_code == 200
    assert "Este ponto de caixa não está disponível. Escolha outro." in refused.content.decode()
    assert cashier_client.get(TILL).url == PLACE  # type: ignore[attr-defined]
    assert str(till.pk) in manager_client.get(PLACE).content.decode()


@pytest.mark.parametrize("what", ["till", "store", "permission to the store"])
def test_a_till_that_is_taken_away_is_left_at_once(
    what: str, at_till: Client, till: Till, cashier: User, sandbox: SandboxServer
) -> None:
    if what == "till":
        Till.objects.update(is_active=False)
    elif what == "store":
        Store.objects.update(is_active=False)
    else:
        cashier.stores.set([Store.objects.create(name="Loja Praia")])
    assert at_till.get(TILL).url == PLACE  # type: ignore[attr-defined]
    answer = read(at_till)
    assert answer.headers["HX-Redirect"] == PLACE
    assert Redemption.objects.count() == 0
    assert sandbox.log() == []


def test_without_any_till_it_says_whom_to_ask(cashier_client: Client) -> None:
    page = cashier_client.get(PLACE).content.decode()
    assert "Nenhum ponto de caixa para você" in page


# --- A scan ---------------------------------------------------------------------------------------------
def test_a_scan_answers_with_the_banner(at_till: Client, voucher: str, sandbox: SandboxServer) -> None:
    answer = read(at_till)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "<html" not in html
    assert words(html) == ["Válido", "Voucher validado.", "Entregue o benefício."]
    assert 'data-kind="valid"' in html
    assert effects(sandbox) == 1


def test_the_counter_sees_first_name_and_masked_cpf_and_no_balance(
    at_till: Client, voucher: str, mirror: Callable[[], None]
) -> None:
    mirror()
    Customer.objects.update(points_balance="77129.90", cashback_balance="6.50")
    html = read(at_till).content.decode()
    assert "Maria" in html
    assert "•••.982.247-••" in html
    assert "R$\xa020,00" in html
    # No number of a scan, which any three digits may be part of, looks like that.
    for hidden in (CPF, "Souza", "77129", "77.129", "6,50", CODE):
        assert hidden not in html


def test_the_same_scan_again_is_the_first_outcome(
    at_till: Client, voucher: str, sandbox: SandboxServer
) -> None:
    same = {"scan": str(uuid.uuid4()), "code": CODE}
    for _press in range(2):
        assert words(at_till.post("/caixa/ler/", same, **SCRIPT).content.decode())[0] == "Válido"
    assert Redemption.objects.count() == 1
    assert len(validations(sandbox)) == 1


def test_a_scan_says_who_where_and_when(at_till: Client, voucher: str, cashier: User, till: Till) -> None:
    read(at_till, waited="4000")
    scan = Redemption.objects.get()
    assert (scan.cashier, scan.till, scan.store) == (cashier, till, till.store)
    assert 4 <= (scan.received_at - scan.happened_at).total_seconds() < 30


@pytest.mark.parametrize("sent", [{}, {"scan": "7"}, {"scan": str(uuid.uuid4()), "waited": "-1"}])
def test_nonsense_is_refused(sent: dict[str, str], at_till: Client, sandbox: SandboxServer) -> None:
    assert at_till.post("/caixa/ler/", {"code": CODE, **sent}, **SCRIPT).status_code == 400
    assert Redemption.objects.count() == 0
    assert sandbox.log() == []


def test_a_control_character_is_refused(at_till: Client) -> None:
    assert read(at_till, "VALE\x007K").status_code == 400
    assert Redemption.objects.count() == 0


def test_without_a_platform(at_till: Client, connection: Connection) -> None:
    Connection.objects.update(is_active=False)
    assert words(read(at_till).content.decode()) == [
        "Não realizado",
        "Nenhuma integração está ativa.",
        "Chame o gestor.",
    ]
    page = at_till.post("/caixa/ler/", {"scan": str(uuid.uuid4()), "code": CODE}).content.decode()
    assert words(page)[1] == "Nenhuma integração está ativa."


def test_a_refusal_carries_no_reference_and_a_lost_answer_does(
    at_till: Client, voucher: str, sandbox: SandboxServer
) -> None:
    assert "Referência" not in read(at_till, "NAO-EXISTE").content.decode()
    sandbox.fault("drop_after", method="POST", path="vouchers/*")
    html = read(at_till).content.decode()
    reference = Redemption.objects.get(code=CODE).write.reference  # type: ignore[union-attr]
    assert f"Referência {reference}" in html
    assert words(html)[0] == "Confirmando"


# --- Without JavaScript -----------------------------------------------------------------------------------
def test_a_plain_form_shows_the_verdict_on_the_next_page(
    at_till: Client, voucher: str, sandbox: SandboxServer
) -> None:
    page = at_till.get(TILL).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(scan)" value="([^"]+)"', page))
    for _press in range(2):
        answer = at_till.post("/caixa/ler/", {**fields, "code": CODE})
        assert answer.url == f"/caixa/leituras/{fields['scan']}/"  # type: ignore[attr-defined]
    shown = at_till.get(answer.url).content.decode()  # type: ignore[attr-defined]
    assert words(shown) == ["Válido", "Voucher validado.", "Entregue o benefício."]
    assert re.search(r'name="scan" value="([^"]+)"', shown)[1] != fields["scan"]  # type: ignore[index]
    assert effects(sandbox) == 1


def test_a_page_in_doubt_looks_again_by_itself(at_till: Client, voucher: str, sandbox: SandboxServer) -> None:
    sandbox.fault("drop_after", method="POST", path="vouchers/*")
    answer = at_till.post("/caixa/ler/", {"scan": str(uuid.uuid4()), "code": CODE}, follow=True)
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in answer.content.decode()
    assert "noscript" not in at_till.get(TILL).content.decode()


# --- A CPF ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", ["52998224725", "529.982.247-25", " 529.982.247-25 "])
def test_a_cpf_opens_the_customer(
    typed: str, at_till: Client, customer: dict[str, Any], mirror: Callable[[], None], sandbox: SandboxServer
) -> None:
    mirror()
    page = reverse("customers:detail", args=[Customer.objects.get().pk])
    html = read(at_till, typed).content.decode()
    assert f'data-go="{page}"' in html
    assert "Maria" in html
    assert CPF not in html
    assert at_till.post("/caixa/ler/", {"scan": str(uuid.uuid4()), "code": typed}).url == page  # type: ignore[attr-defined]
    assert Redemption.objects.count() == 0
    assert validations(sandbox) == []


def test_a_cpf_of_nobody(at_till: Client, connection: Connection) -> None:
    assert words(read(at_till, CPF).content.decode()) == [
        "Não encontrado",
        "Nenhum cliente com o CPF •••.982.247-••.",
        "Confira os números com o cliente.",
    ]
    assert Redemption.objects.count() == 0


def test_a_cpf_nobody_can_be_asked_about(
    at_till: Client, connection: Connection, sandbox: SandboxServer
) -> None:
    Connection.objects.update(blocked_at=timezone.now())
    assert words(read(at_till, CPF).content.decode())[:2] == [
        "Não encontrado",
        "O CPF •••.982.247-•• não está na nossa cópia.",
    ]
    assert sandbox.log() == []


def test_a_voucher_whose_code_looks_like_a_cpf_is_a_voucher(
    at_till: Client, sandbox: SandboxServer, mirror: Callable[[], None]
) -> None:
    sandbox.act("issue_voucher", code=CPF)
    mirror()
    assert words(read(at_till, CPF).content.decode())[0] == "Válido"
    assert effects(sandbox) == 1


def test_eleven_digits_that_are_no_cpf_are_a_code(at_till: Client, connection: Connection) -> None:
    assert words(read(at_till, "52998224724").content.decode())[1] == "Código não encontrado."


# --- What is new ------------------------------------------------------------------------------------------
def lines(html: str) -> list[tuple[str, str, str]]:
    """Kind, word and code of the listed scans."""
    found = re.findall(
        r'data-kind="(\w+)"[^>]*>.*?till-line-word">(.*?)<.*?till-line-code num">(.*?)<', html, re.S
    )
    return [(kind, word, code) for kind, word, code in found]


def test_the_latest_scans_of_this_till(at_till: Client, voucher: str, scan: Any, other_till: Till) -> None:
    scan("OUTRO-9999", till=other_till)
    read(at_till, "NAO-EXISTE")
    read(at_till)
    html = at_till.get("/caixa/leituras/", **SCRIPT).content.decode()
    assert lines(html) == [("valid", "Válido", "…M-9Q"), ("refused", "Recusado", "…ISTE")]
    assert "Caio" in html
    assert CODE not in html


def test_only_the_latest_twenty(at_till: Client, connection: Connection, cashier: User, till: Till) -> None:
    many_scans(25, connection, cashier, till)
    assert len(lines(at_till.get("/caixa/leituras/").content.decode())) == 20


def test_a_scan_of_another_till_is_not_shown(
    at_till: Client, voucher: str, scan: Any, other_till: Till
) -> None:
    theirs = scan(till=other_till)
    page, fragment = (at_till.get(f"/caixa/leituras/{theirs.pk}/", **how) for how in ({}, SCRIPT))
    assert page.status_code == 404
    assert (fragment.status_code, fragment.content) == (204, b"")


def test_open_scans_and_trouble_are_visible(at_till: Client, voucher: str, sandbox: SandboxServer) -> None:
    calm = at_till.get("/caixa/leituras/").content.decode()
    assert 'data-platform="ok"' in calm
    assert "a confirmar" not in calm
    sandbox.fault("drop_after", method="POST", path="vouchers/*")
    read(at_till)
    html = at_till.get("/caixa/leituras/").content.decode()
    assert 'data-platform="down"' in html
    assert "1 a confirmar" in html
    read(at_till, "NAO-EXISTE")
    assert 'data-platform="ok"' in at_till.get("/caixa/leituras/").content.decode(), "it answered again"
    assert "data-open" in html


def test_the_age_of_the_vouchers_is_visible(
    at_till: Client, voucher: str, mirror: Callable[[], None]
) -> None:
    assert "Ainda não sincronizado" in at_till.get(TILL).content.decode()
    mirror()
    assert "Dados de" in at_till.get(TILL).content.decode()


def test_times_are_those_of_the_store(at_till: Client, voucher: str, store: Store) -> None:
    read(at_till)
    Store.objects.update(time_zone="America/Manaus")
    Redemption.objects.update(happened_at="2026-03-05T17:31:40Z")
    assert "13:31:40" in at_till.get("/caixa/leituras/").content.decode()


# --- Cost and reach -----------------------------------------------------------------------------------------
def many_scans(count: int, connection: Connection, cashier: User, till: Till) -> None:
    for n in range(count):
        code = f"MANY-{Redemption.objects.count()}-{n}"
        Voucher.objects.create(
            connection=connection, remote_id=code, code_key=code, content_hash=b"", status="used"
        )
        Redemption.objects.create(
            connection=connection, code=code, code_sent=code, state=State.USED, reason="voucher_used",
            cashier=cashier, till=till, store=till.store, happened_at=timezone.now(),
        )  # fmt: skip


@pytest.mark.parametrize("path", [TILL, "/caixa/leituras/"])
def test_two_scans_cost_what_forty_do(
    path: str, at_till: Client, connection: Connection, cashier: User, till: Till
) -> None:
    counts = []
    for more in (2, 38):
        many_scans(more, connection, cashier, till)
        with CaptureQueriesContext(database) as queries:
            assert at_till.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13


def test_pages_never_touch_the_wire(at_till: Client, voucher: str, sandbox: SandboxServer) -> None:
    read(at_till)
    calls = len(sandbox.log())
    for path in (TILL, PLACE, "/caixa/leituras/", f"/caixa/leituras/{Redemption.objects.get().pk}/"):
        at_till.get(path)
    assert len(sandbox.log()) == calls


@pytest.mark.parametrize("who", ["viewer", "stranger"])
def test_who_may_not_scan_changes_nothing(
    who: str,
    request: pytest.FixtureRequest,
    till: Till,
    voucher: str,
    sandbox: SandboxServer,
    connection: Connection,
) -> None:
    client = signed_in(request.getfixturevalue(who))
    before = len(sandbox.log())
    assert client.post(PLACE, {"till": till.pk}).status_code == 403
    assert read(client).status_code == 403
    assert Redemption.objects.count() == 0
    assert len(sandbox.log()) == before


def test_a_scan_without_the_forms_token_is_refused(cashier: User, till: Till, sandbox: SandboxServer) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cashier, backend="django.contrib.auth.backends.ModelBackend")
    assert read(client).status_code == 403
    assert Redemption.objects.count() == 0


def test_webassembly_is_allowed_on_the_till_alone(at_till: Client) -> None:
    assert "'wasm-unsafe-eval'" in at_till.get(TILL).headers["Content-Security-Policy"]
    assert "'wasm-unsafe-eval'" not in at_till.get(PLACE).headers["Content-Security-Policy"]


def test_personal_data_is_never_cached(at_till: Client) -> None:
    for path in (TILL, "/caixa/leituras/"):
        assert "no-store" in at_till.get(path).headers["Cache-Control"]
