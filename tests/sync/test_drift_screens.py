"""The drift centre on screen, its repair against the sandbox, and `manage.py drift`."""

import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from rewards.models import Reward, StockChange
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.sync.engine import execute
from smartbis_admin.sync.models import Drift, SyncRun
from smartbis_admin.writes.models import Write
from tests.sync.platform import Platform, changed, claimed, customer, sync
from vouchers.models import Voucher

LIST = "/sincronizacao/divergencias/"


def make(account: Connection, count: int = 1, **fields: Any) -> list[Drift]:
    place: dict[str, Any] = {"connection": account, "resource": "customers", "kind": "changed"}
    return [
        Drift.objects.create(**(place | {"label": f"Cliente {number}", "remote_id": str(number)} | fields))
        for number in range(1, count + 1)
    ]


def states() -> list[str]:
    return list(Drift.objects.order_by("pk").values_list("state", flat=True))


def detail(drift: Drift) -> str:
    return reverse("sync:drift_detail", args=[drift.pk])


def test_an_empty_list_says_what_will_stand_there(db: None, manager_client: Client) -> None:
    page = manager_client.get(LIST).content.decode()
    assert "Nenhuma divergência em aberto" in page
    assert "Marcar como conferidas" not in page


def test_the_list_opens_with_what_is_open_and_filters_the_rest(
    account: Connection, manager_client: Client
) -> None:
    make(account, 1, label="Ana Aberta", after={"name": "Ana Aberta"}, before={"name": "Ana"})
    make(account, 1, label="Bia Conferida", state="acknowledged", decided_at=timezone.now())
    page = manager_client.get(LIST).content.decode()
    assert "Ana Aberta" in page
    assert "Bia Conferida" not in page
    settled = manager_client.get(LIST, {"state": "settled"}).content.decode()
    assert "Bia Conferida" in settled
    assert "Ana Aberta" not in settled
    assert "Ana Aberta" not in manager_client.get(LIST, {"kind": "balance"}).content.decode()
    assert "Ana Aberta" in manager_client.get(LIST, {"q": "ana", "state": "all"}).content.decode()
    assert b"Ana Aberta" in manager_client.get(LIST, {"export": "csv"}).getvalue()  # type: ignore[attr-defined]


def test_before_and_after_in_words_with_masks(
    account: Connection, manager_client: Client, viewer_client: Client
) -> None:
    sync(account, Platform([customer(1, cpf="52998224725")]))
    new = changed(customer(1), cpf="39053344705", email="nova@example.test", name="Outra Pessoa")
    sync(account, Platform([new]))
    address = detail(Drift.objects.get())
    page = manager_client.get(address).content.decode()
    for text in ("Cliente 1", "Outra Pessoa", "•••.982.247-••", "•••.533.447-••", "c1@example.test"):
        assert text in page
    assert "52998224725" not in page
    seen = viewer_client.get(address).content.decode()
    assert "Outra Pessoa" in seen
    assert "example.test" not in seen
    assert "Marcar como conferida" not in seen


def test_one_is_acknowledged_by_a_person_once(
    account: Connection, manager_client: Client, manager: User
) -> None:
    (drift,) = make(account)
    address = reverse("sync:drift_acknowledge", args=[drift.pk])
    assert "Divergência conferida." in manager_client.post(address, follow=True).content.decode()
    again = manager_client.post(address, follow=True).content.decode()
    assert "Esta divergência já não está em aberto." in again
    drift.refresh_from_db()
    assert (drift.state, drift.decided_by) == ("acknowledged", manager)
    assert AuditEvent.objects.filter(action="sync.drift_acknowledged", actor=manager).count() == 1


def acknowledge_many(client: Client, address: str, **picked: Any) -> tuple[str, str]:
    """Begin the act; its page's address and the preview on it."""
    response = client.post(address, {"act": "sync.acknowledge_drift", **picked})
    assert response.status_code == 302
    where = response["Location"]
    return where, client.get(where).content.decode()


def test_the_chosen_ones_are_acknowledged_after_a_preview_and_taken_back(
    account: Connection, manager_client: Client, manager: User
) -> None:
    rows = make(account, 3)
    Drift.objects.filter(pk=rows[1].pk).update(state="repaired")
    where, preview = acknowledge_many(manager_client, f"{LIST}?state=all", row=[row.pk for row in rows])
    for text in (
        "Marcar como conferidas",
        "Vai acontecer com 2 linhas.",
        "Cliente 3",
        "já não estão em aberto",
    ):
        assert text in preview
    assert states() == ["open", "repaired", "open"]
    manager_client.post(where, {"step": "start"})
    assert states() == ["acknowledged", "repaired", "acknowledged"]
    assert set(Drift.objects.values_list("decided_by", flat=True)) == {manager.pk, None}
    manager_client.post(where, {"step": "undo"})
    assert states() == ["open", "repaired", "open"]
    assert Drift.objects.filter(decided_at=None, decided_by=None).count() == 3


def test_everything_of_the_filter_is_acknowledged_after_a_preview(
    account: Connection, manager_client: Client
) -> None:
    make(account, 2)
    make(account, 2, kind="balance")
    where, preview = acknowledge_many(manager_client, f"{LIST}?kind=changed", everything="1")
    assert "Vai acontecer com 2 linhas." in preview
    late = make(account, 1)[0]
    manager_client.post(where, {"step": "start"})
    assert states() == ["acknowledged", "acknowledged", "open", "open", "open"]
    late.refresh_from_db()
    assert late.state == "open"


@pytest.mark.parametrize("act", ["sync:drift_acknowledge", "sync:drift_repair", "sync:drift_read"])
def test_a_viewer_changes_nothing(account: Connection, viewer_client: Client, act: str) -> None:
    (drift,) = make(account)
    assert "Marcar como conferidas" not in viewer_client.get(LIST).content.decode()
    assert viewer_client.post(reverse(act, args=[drift.pk])).status_code == 403
    assert viewer_client.post(LIST, {"act": "sync.acknowledge_drift", "row": drift.pk}).status_code == 405
    assert states() == ["open"]


def test_the_list_costs_the_same_however_long_it_is(account: Connection, manager_client: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            assert manager_client.get(LIST, {"per_page": "50"}).status_code == 200
        return len(queries)

    make(account, 2)
    cost()
    few = cost()
    make(account, 38)
    assert cost() == few


# --- Putting a stock back -----------------------------------------------------------------------------------
def walk_rewards(connection: Connection) -> SyncRun:
    run = claimed(connection, "rewards")
    execute(run)
    return run


@pytest.fixture
def lowered(sandbox: SandboxServer, connection: Connection) -> Drift:
    """Somebody set a coupon's stock from 30 to 4 in the panel."""
    coupon = sandbox.act("create_coupon", name="Café", stock=30)
    walk_rewards(connection)
    sandbox.act("set_stock", coupon_id=coupon["id"], stock=4)
    walk_rewards(connection)
    return Drift.objects.get()


def patches(sandbox: SandboxServer) -> int:
    return sum(row["method"] == "PATCH" for row in sandbox.log())


def test_a_stock_is_put_back_after_a_preview(
    sandbox: SandboxServer, lowered: Drift, manager_client: Client, manager: User
) -> None:
    assert "Voltar ao estoque anterior" in manager_client.get(detail(lowered)).content.decode()
    address, data = reverse("sync:drift_repair", args=[lowered.pk]), {"write_id": str(uuid.uuid4())}
    preview = manager_client.post(address, data).content.decode()
    assert "Estoque: mudar de 4 para 30 na plataforma?" in preview
    assert (patches(sandbox), StockChange.objects.count()) == (0, 0)
    done = manager_client.post(address, data | {"confirmed": "1"}, follow=True).content.decode()
    assert "Estoque alterado para 30." in done
    manager_client.post(address, data | {"confirmed": "1"})
    lowered.refresh_from_db()
    assert (lowered.state, lowered.decided_by) == ("repaired", manager)
    assert (Reward.objects.get().stock, patches(sandbox)) == (30, 1)
    assert walk_rewards(lowered.connection).drift_count == 0


def test_a_stock_that_moved_on_is_not_put_back(
    sandbox: SandboxServer, lowered: Drift, manager_client: Client
) -> None:
    sandbox.act("set_stock", coupon_id=int(lowered.remote_id), stock=3)
    data = {"write_id": str(uuid.uuid4()), "confirmed": "1"}
    address = reverse("sync:drift_repair", args=[lowered.pk])
    page = manager_client.post(address, data, follow=True).content.decode()
    assert "O estoque mudou na plataforma. Nada foi alterado" in page
    assert (states(), patches(sandbox)) == (["open"], 0)


def test_a_lost_answer_is_not_called_repaired(
    sandbox: SandboxServer, lowered: Drift, manager_client: Client
) -> None:
    sandbox.fault("drop_after", method="PATCH", path="coupons/*")
    data = {"write_id": str(uuid.uuid4()), "confirmed": "1"}
    address = reverse("sync:drift_repair", args=[lowered.pk])
    page = manager_client.post(address, data, follow=True).content.decode()
    assert "A confirmar – não repita" in page
    assert (states(), Write.objects.get().state) == (["open"], Write.State.IN_DOUBT)
    other = manager_client.post(address, data | {"write_id": str(uuid.uuid4())}, follow=True).content.decode()
    assert "Outra alteração deste estoque ainda está a confirmar." in other
    assert patches(sandbox) == 1


def test_what_has_no_repair_offers_none(account: Connection, manager_client: Client) -> None:
    (drift,) = make(account)
    assert "Voltar ao estoque" not in manager_client.get(detail(drift)).content.decode()
    data = {"write_id": str(uuid.uuid4()), "confirmed": "1"}
    page = manager_client.post(reverse("sync:drift_repair", args=[drift.pk]), data, follow=True)
    assert "Não há nada a corrigir aqui." in page.content.decode()
    assert states() == ["open"]


# --- Reading again ------------------------------------------------------------------------------------------
def walk_list(connection: Connection, resource: str) -> None:
    execute(claimed(connection, resource))


def read_again(client: Client, drift: Drift) -> str:
    address = reverse("sync:drift_read", args=[drift.pk])
    return client.post(address, follow=True).content.decode()


def gets(sandbox: SandboxServer) -> list[str]:
    return [row["path"].rpartition("/")[2] for row in sandbox.log() if row["method"] == "GET"]


def test_a_balance_that_jumped_is_read_again(
    sandbox: SandboxServer, connection: Connection, manager_client: Client, viewer_client: Client
) -> None:
    sandbox.act("create_customer", name="Ana", cpf="52998224725", cashback_balance="10.00")
    walk_list(connection, "customers")
    sandbox.act("credit", cpf="52998224725", cashback="70.00")
    walk_list(connection, "customers")
    drift = Drift.objects.get()
    sandbox.act("credit", cpf="52998224725", cashback="-55.00")
    page = manager_client.get(detail(drift)).content.decode()
    assert "Ler de novo" in page
    assert "Ler de novo" not in viewer_client.get(detail(drift)).content.decode()
    assert "R$ 25,00" not in page.replace("\xa0", " ")

    before = gets(sandbox)
    page = read_again(manager_client, drift).replace("\xa0", " ")
    for text in ("Lido agora na plataforma.", "R$ 10,00", "R$ 80,00", "R$ 25,00"):
        assert text in page
    assert gets(sandbox)[len(before) :] == ["customers"]
    assert (states(), Drift.objects.count()) == (["open"], 1)
    assert AuditEvent.objects.get(action="sync.drift_read_again").subject == f"drift:{drift.pk}"


def test_a_voucher_used_elsewhere_and_a_stock_are_read_again(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    sandbox.act("issue_voucher", code="VALE-1", expires_at=None)
    coupon = sandbox.act("create_coupon", name="Café", stock=30)
    for resource in ("rewards", "vouchers"):
        walk_list(connection, resource)
    sandbox.act("use_voucher", code="VALE-1", store="Loja Jardins")
    sandbox.act("set_stock", coupon_id=coupon["id"], stock=4)
    for resource in ("rewards", "vouchers"):
        walk_list(connection, resource)
    used, stock = Drift.objects.get(kind="used_elsewhere"), Drift.objects.get(resource="rewards")
    sandbox.act("set_stock", coupon_id=coupon["id"], stock=7)
    before = gets(sandbox)
    assert "Loja Jardins" in read_again(manager_client, used)
    assert "Lido agora na plataforma." in read_again(manager_client, stock)
    assert (gets(sandbox)[len(before) :], Reward.objects.get().stock) == (["vouchers", "coupons"], 7)

    sandbox.act("remove_voucher", code="VALE-1")
    assert "A plataforma não trouxe este registro agora." in read_again(manager_client, used)
    assert [row.withdrawn_at for row in Voucher.objects.all()] == [None]
    sandbox.fault("error_before", method="GET", path="coupons", times=20)
    assert "A plataforma está com problemas." in read_again(manager_client, stock)


def test_what_cannot_be_read_alone_is_not_offered(account: Connection, manager_client: Client) -> None:
    sync(account, Platform([customer(1, cpf=None)]))
    sync(account, Platform([customer(1, cpf=None, name="Outra")]))
    drift = Drift.objects.get()
    assert "Ler de novo" not in manager_client.get(detail(drift)).content.decode()
    assert "Este registro não pode ser lido sozinho." in read_again(manager_client, drift)


# --- The command ----------------------------------------------------------------------------------------
def run_command(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    try:
        call_command("drift", *args)
    except SystemExit as end:
        return int(end.code or 0), capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_the_command_says_what_is_open(account: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(capsys) == (0, "Em aberto: 0.\n")
    (drift,) = make(account, 1, label="Ana Silva", after={"email": "x@y.z"})
    code, out = run_command(capsys)
    assert code == 3
    assert f"Conta, Clientes: Alterado na plataforma ({drift.pk}) email\nEm aberto: 1.\n" in out
    assert "Ana" not in out
    assert run_command(capsys, "vouchers")[0] == 0
    assert run_command(capsys, "--connection", "Conta", "--acknowledge") == (0, "Conferidas: 1.\n")
    assert states() == ["acknowledged"]


@pytest.mark.parametrize("args", [["pedidos"], ["--connection", "Nada"]])
def test_wrong_use_of_the_command(db: None, args: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("drift", *args)
    assert refused.value.returncode == 2
