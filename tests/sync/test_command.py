"""`manage.py sync`: what it says and its exit codes."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.utils import timezone

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine import walking
from smartbis_admin.sync.management.commands.sync import ProgressBar
from smartbis_admin.sync.models import SyncRun
from tests.sync.platform import Platform, customers, sync

State = SyncRun.State


def ran(capsys: pytest.CaptureFixture[str], *arguments: str, **options: Any) -> tuple[Any, str]:
    """Exit code and standard output."""
    with pytest.raises(SystemExit) as ended:
        call_command("sync", *arguments, **options)
    return ended.value.code, capsys.readouterr().out


def test_every_list_is_read_in_order(
    sandbox: SandboxServer, connection: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.act("create_customer", [{"name": "Ana"}, {"name": "Bia"}])
    code, out = ran(capsys, no_input=True)
    assert code == 0
    assert [line.partition(":")[0] for line in out.splitlines()] == [
        f"Smartbis laravel, {name}" for name in ("categorias", "recompensas", "clientes", "vouchers")
    ]
    assert "clientes: concluída. Linhas: 2; novas: 2; alteradas: 0; ausentes: 0; retiradas: 0." in out
    runs = SyncRun.objects.order_by("pk").values_list("resource", "state", "trigger")
    assert list(runs) == [
        (name, State.DONE, "command") for name in ("categories", "rewards", "customers", "vouchers")
    ]


def test_one_list_of_one_connection(
    connection: Connection, account: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _out = ran(capsys, "customers", connection=connection.name, no_input=True)
    run = SyncRun.objects.get()
    assert (code, run.resource, run.connection, run.state) == (0, "customers", connection, State.DONE)


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (["customers", "clientes"], {}, "Recurso desconhecido: clientes."),
        ([], {"connection": "Nenhuma"}, "Nenhuma conexão com este nome."),
    ],
)
def test_wrong_use_is_code_two_and_asks_for_nothing(
    account: Connection, arguments: list[str], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        call_command("sync", *arguments, **options)
    assert (refused.value.returncode, SyncRun.objects.count()) == (2, 0)


def test_without_a_connection_there_is_nothing_to_read(db: None) -> None:
    with pytest.raises(CommandError, match="Nenhuma conexão ativa") as refused:
        call_command("sync")
    assert refused.value.returncode == 2


def test_a_failure_is_code_one_and_says_what_to_do(
    account: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    Connection.objects.filter(pk=account.pk).update(base_url="http://shop.example.com/v2/")
    code, out = ran(capsys, "customers", no_input=True)
    assert code == 1
    assert "clientes: falhou." in out
    assert "Só aceitamos endereços https. Corrija o endereço da API na integração." in out
    assert SyncRun.objects.get().state == State.FAILED


def test_a_cut_list_is_code_three(
    sandbox: SandboxServer,
    connection: Connection,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(walking, "PER_PAGE", 10)
    sandbox.act("create_customer", [{"name": f"Cliente {number}"} for number in range(25)])
    sandbox.fault("ignore_paging", path="customers", times=9)
    code, out = ran(capsys, "customers", no_input=True)
    assert (code, SyncRun.objects.get().state) == (3, State.INCOMPLETE)
    assert "clientes: incompleta. Linhas: 10;" in out


def test_a_withdrawal_held_back_is_code_three_and_stays_undecided(
    connection: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sandbox is empty; the mirror knows forty customers and missed them once."""
    sync(connection, Platform(customers(40)))
    sync(connection, Platform([]))
    code, out = ran(capsys, "customers", no_input=True)
    run = SyncRun.objects.latest("pk")
    assert (code, run.state, run.rows_held) == (3, State.NEEDS_ATTENTION, 40)
    assert "Nada foi retirado" in out


def test_the_worst_end_decides_the_code(
    sandbox: SandboxServer, connection: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    sync(connection, Platform(customers(40)))
    sync(connection, Platform([]))
    sandbox.fault("html_200", path="coupons")
    code, _out = ran(capsys, no_input=True)
    ends = SyncRun.objects.filter(trigger="command").order_by("pk").values_list("resource", "state")
    assert list(ends) == [
        ("categories", State.DONE),
        ("rewards", State.FAILED),
        ("customers", State.NEEDS_ATTENTION),
        ("vouchers", State.DONE),
    ]
    assert code == 1


@pytest.mark.parametrize(
    ("answer", "code", "state", "withdrawn"),
    [("s", 0, State.DONE, 40), ("S ", 0, State.DONE, 40), ("", 3, State.NEEDS_ATTENTION, 0)],
)
def test_on_a_terminal_it_asks_before_it_withdraws(
    connection: Connection,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
    state: str,
    withdrawn: int,
) -> None:
    sync(connection, Platform(customers(40)))
    sync(connection, Platform([]))
    asked = []

    def answered(question: str) -> str:
        asked.append(question)
        return answer

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", answered)
    ended, _out = ran(capsys, "customers")
    run = SyncRun.objects.latest("pk")
    assert asked == ["Retirar 40 linhas que sumiram da lista? [s/N] "]
    assert (ended, run.state, run.rows_withdrawn) == (code, state, withdrawn)


def test_on_a_terminal_a_bar_is_drawn_over_itself(account: Connection) -> None:
    run = SyncRun(
        connection=account,
        resource="customers",
        state=State.RUNNING,
        pages=3,
        rows_seen=600,
        rows_expected=1200,
        started_at=timezone.now() - timedelta(seconds=2),
    )
    drawn = io.StringIO()
    bar = ProgressBar(OutputWrapper(drawn), shown=True)
    bar.draw(run)
    bar.clear()
    line = drawn.getvalue()
    assert line.startswith("\r\x1b[Kclientes [############------------] 50 %, 600 linhas, 3 páginas, ")
    assert line.endswith("linhas/s\r\x1b[K")
    silent = io.StringIO()
    ProgressBar(OutputWrapper(silent), shown=False).draw(run)
    assert silent.getvalue() == ""
