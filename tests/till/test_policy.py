"""The rules of a store at work: what is shown before it is used, and who may change them."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, Shift, Store, Till, User
from smartbis_admin.staff.shifts import open_shift
from tests.till.conftest import CODE, effects, validations
from tests.till.test_pages import words
from vouchers.models import Redemption, Voucher, VoucherFlag
from vouchers.till import look

SCRIPT = {"HTTP_HX_REQUEST": "true"}
LOOK = "Nada foi validado ainda. Para validar: Enter, o botão ou ler de novo."


@pytest.fixture
def at_till(
    cashier_client: Client, till: Till, connection: Connection, voucher: str, mirror: Callable[[], None]
) -> Client:
    """The cashier's shift, with a mirrored voucher of R$ 20 in the customer's hand."""
    mirror()
    cashier_client.post("/caixa/ponto/", {"till": till.pk})
    return cashier_client


def read(client: Client, code: str = CODE, **more: Any) -> str:
    sent = {"scan": str(uuid.uuid4()), "code": code} | more
    return client.post("/caixa/ler/", sent, **SCRIPT).content.decode()


def confirm(client: Client, **more: Any) -> str:
    return read(client, "", confirm="1", **more)


# --- Look before the act ----------------------------------------------------------------------------------
def test_a_voucher_above_the_limit_is_shown_and_nothing_is_sent(
    at_till: Client, sandbox: SandboxServer
) -> None:
    Store.objects.update(look_above="19.99")
    calls = len(sandbox.log())
    html = read(at_till)
    assert words(html) == ["Confira", "Vale mais que o limite da loja, de R$\xa019,99.", LOOK]
    assert "R$\xa020,00" in html
    assert "Maria" in html
    assert CODE not in html
    assert Redemption.objects.count() == 0
    assert len(sandbox.log()) == calls


@pytest.mark.parametrize("limit", [None, "20.00", "50.00"])
def test_up_to_the_limit_nothing_is_asked(limit: str | None, at_till: Client) -> None:
    Store.objects.update(look_above=limit)
    assert words(read(at_till))[0] == "Válido"


def test_a_flagged_voucher_is_shown_whatever_it_is_worth(at_till: Client, manager: User) -> None:
    VoucherFlag.objects.create(voucher=Voucher.objects.get(), note="Peça um documento.", flagged_by=manager)
    assert words(read(at_till))[:2] == ["Confira", "Marcado para conferência: Peça um documento."]
    assert words(confirm(at_till))[0] == "Válido"


@pytest.mark.parametrize("how", ["the button", "a second scan"])
def test_it_is_used_once_it_was_seen(
    how: str, at_till: Client, sandbox: SandboxServer, cashier: User
) -> None:
    Store.objects.update(look_above="10")
    read(at_till)
    html = confirm(at_till) if how == "the button" else read(at_till)
    assert words(html)[0] == "Válido"
    assert effects(sandbox) == 1
    scan = Redemption.objects.get()
    assert (scan.code_sent, scan.cashier, scan.shift) == (CODE, cashier, Shift.objects.get())


def test_the_same_scan_sent_again_is_no_second_scan(at_till: Client, sandbox: SandboxServer) -> None:
    Store.objects.update(look_above="10")
    same = str(uuid.uuid4())
    for _send in range(3):
        assert words(read(at_till, scan=same))[0] == "Confira"
    assert validations(sandbox) == []


def test_a_confirmation_sent_again_is_the_first_outcome(at_till: Client, sandbox: SandboxServer) -> None:
    Store.objects.update(look_above="10")
    read(at_till)
    same = str(uuid.uuid4())
    assert [words(confirm(at_till, scan=same))[0] for _send in range(2)] == ["Válido", "Válido"]
    assert len(validations(sandbox)) == 1


def test_a_look_too_long_ago_does_not_count(
    at_till: Client, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.objects.update(look_above="10")
    read(at_till)
    monkeypatch.setattr(look, "MEMORY", timedelta(0))
    assert words(confirm(at_till))[:2] == ["Não realizado", "Passou tempo demais desde a conferência."]
    assert words(read(at_till))[0] == "Confira"
    assert validations(sandbox) == []


def test_a_look_counts_for_its_own_voucher_alone(
    at_till: Client, sandbox: SandboxServer, mirror: Callable[[], None]
) -> None:
    sandbox.act("issue_voucher", code="VALE-0002", value="30.00")
    mirror()
    Store.objects.update(look_above="10")
    assert [words(read(at_till, code))[0] for code in (CODE, "VALE-0002", CODE)] == ["Confira"] * 3
    assert validations(sandbox) == []


def test_a_look_counts_at_its_own_till_alone(
    at_till: Client, other_till: Till, sandbox: SandboxServer
) -> None:
    Store.objects.update(look_above="10")
    read(at_till)
    at_till.post("/caixa/ponto/", {"till": other_till.pk})
    assert words(read(at_till))[0] == "Confira"
    assert validations(sandbox) == []


def test_what_cannot_be_used_is_refused_without_a_look(at_till: Client, sandbox: SandboxServer) -> None:
    Store.objects.update(look_above="10")
    Voucher.objects.update(status=Voucher.Status.EXPIRED)
    sandbox.act("expire_voucher", code=CODE)
    assert words(read(at_till))[0] == "Recusado"


def test_without_javascript_the_page_shows_it_and_its_button_uses_it(
    at_till: Client, sandbox: SandboxServer
) -> None:
    Store.objects.update(look_above="10")
    page = at_till.post("/caixa/ler/", {"scan": str(uuid.uuid4()), "code": CODE}).content.decode()
    assert words(page)[0] == "Confira"
    answer = at_till.post("/caixa/ler/", {"scan": str(uuid.uuid4()), "confirm": "1"}, follow=True)
    assert words(answer.content.decode())[0] == "Válido"
    assert effects(sandbox) == 1


# --- The sale beside it -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("49,99", "Abaixo do valor mínimo de compra, de R$\xa050,00: o voucher não será validado."),
        ("50", "Atinge o valor mínimo de compra, de R$\xa050,00."),
    ],
)
def test_the_minimum_purchase_is_checked_while_typing(amount: str, says: str, at_till: Client) -> None:
    Store.objects.update(look_above="10")
    Voucher.objects.update(minimum_purchase=Decimal("50.00"))
    read(at_till)
    assert says in at_till.get("/caixa/ler/venda/", {"amount": amount}, **SCRIPT).content.decode()


def test_a_sale_below_the_minimum_uses_nothing_and_asks_for_another_look(
    at_till: Client, sandbox: SandboxServer
) -> None:
    Store.objects.update(look_above="10")
    Voucher.objects.update(minimum_purchase=Decimal("50.00"))
    read(at_till)
    assert words(confirm(at_till, amount="49,99")) == [
        "Não realizado",
        "A venda de R$\xa049,99 está abaixo do valor mínimo de compra, de R$\xa050,00.",
        "Nada foi validado.",
    ]
    assert words(read(at_till))[0] == "Confira"
    assert (Redemption.objects.count(), validations(sandbox)) == (0, [])
    assert words(confirm(at_till, amount="50,00"))[0] == "Válido"


def test_an_amount_nobody_can_read_uses_nothing(at_till: Client, sandbox: SandboxServer) -> None:
    Store.objects.update(look_above="10")
    read(at_till)
    assert (
        words(confirm(at_till, amount="1,234"))[1]
        == "Não foi validado: escreva o valor da venda como 1.234,56."
    )
    assert validations(sandbox) == []


# --- The owner's screens --------------------------------------------------------------------------------------
RULES = {
    "look_above": "50", "lock_after_minutes": "5", "reversal_hours": "48", "contingency": "accept",
    "contingency_max_value": "30,00", "contingency_max_per_hour": "4", "contingency_needs_pin": "on",
    "contingency_release_hours": "6",
}  # fmt: skip


def test_the_owner_sets_the_rules(owner_client: Client, owner: User, store: Store) -> None:
    assert owner_client.post(f"/lojas/{store.pk}/regras/", RULES).url == f"/lojas/{store.pk}/"
    store.refresh_from_db()
    assert (store.look_above, store.lock_after_minutes, store.reversal_hours) == (Decimal("50.00"), 5, 48)
    assert (store.contingency, store.contingency_max_value) == ("accept", Decimal("30.00"))
    assert (store.contingency_max_per_hour, store.contingency_needs_pin) == (4, True)
    event = AuditEvent.objects.get(action="store.changed")
    assert (event.actor, event.subject) == (owner, f"store:{store.pk}")
    assert (
        "Até R$\xa030,00 por voucher, 4 vouchers por hora em cada ponto de caixa"
        in owner_client.get(f"/lojas/{store.pk}/").content.decode()
    )


def test_accepting_without_limits_is_refused(owner_client: Client, store: Store) -> None:
    typed = RULES | {"contingency_max_value": "", "contingency_max_per_hour": "0"}
    page = owner_client.post(f"/lojas/{store.pk}/regras/", typed).content.decode()
    assert "Informe o valor máximo para aceitar vouchers." in page
    assert "Informe quantos vouchers podem ser aceitos." in page
    store.refresh_from_db()
    assert store.contingency == "refuse"


def test_stores_and_tills_are_made_changed_and_taken_out_of_use(owner_client: Client, cashier: User) -> None:
    owner_client.post("/lojas/nova/", {"name": "Loja Praia", "time_zone": "America/Fortaleza"})
    store = Store.objects.get(name="Loja Praia")
    assert (store.time_zone, store.is_active) == ("America/Fortaleza", True)
    owner_client.post(f"/lojas/{store.pk}/pontos/novo/", {"name": "Caixa 1"})
    till = Till.objects.get(store=store)
    twice = owner_client.post(f"/lojas/{store.pk}/pontos/novo/", {"name": "Caixa 1"}).content.decode()
    assert "Esta loja já tem um ponto de caixa com este nome." in twice
    shift = open_shift(till=till, cashier=cashier)
    owner_client.post(f"/pontos-de-caixa/{till.pk}/editar/", {"name": "Caixa A"})
    till.refresh_from_db()
    shift.refresh_from_db()
    assert (till.name, till.is_active, shift.is_open) == ("Caixa A", False, False)
    assert "Loja Praia" in owner_client.get("/lojas/").content.decode()


@pytest.mark.parametrize("who", ["manager", "cashier", "viewer"])
def test_rules_are_the_owners_alone(who: str, request: pytest.FixtureRequest, store: Store) -> None:
    client: Client = request.getfixturevalue(f"{who}_client")
    assert client.post(f"/lojas/{store.pk}/regras/", RULES).status_code == 403
    assert client.post("/lojas/nova/", {"name": "Outra", "time_zone": "America/Bahia"}).status_code == 403
    store.refresh_from_db()
    assert (store.look_above, Store.objects.count()) == (None, 1)


# --- Flags ----------------------------------------------------------------------------------------------------
def test_a_manager_flags_a_voucher_and_takes_the_flag_away(
    at_till: Client, manager: User, manager_client: Client
) -> None:
    voucher = Voucher.objects.get()
    page = f"/vouchers/{voucher.pk}/"
    manager_client.post(f"{page}marcar/", {"note": "Peça um documento."})
    assert "Marcado para conferência: Peça um documento." in manager_client.get(page).content.decode()
    assert words(read(at_till))[0] == "Confira"
    manager_client.post(f"{page}desmarcar/")
    assert VoucherFlag.objects.count() == 0
    actions = AuditEvent.objects.filter(subject=f"voucher:{voucher.pk}").order_by("pk")
    assert list(actions.values_list("action", "actor")) == [
        ("voucher.flagged", manager.pk),
        ("voucher.unflagged", manager.pk),
    ]


def test_cashiers_do_not_flag(at_till: Client) -> None:
    path = f"/vouchers/{Voucher.objects.get().pk}/marcar/"
    assert at_till.post(path, {"note": "Peça um documento."}).status_code == 403
    assert VoucherFlag.objects.count() == 0
