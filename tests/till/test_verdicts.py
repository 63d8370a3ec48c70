"""What the till says, word for word, for every way a scan can end."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone, translation

from sandbox.testing import SandboxServer
from smartbis_admin.api.errors import Unreachable
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.writes.models import Write
from vouchers.models import Redemption, Voucher
from vouchers.till.kinds import ICONS, Kind, Verdict
from vouchers.till.notices import STAGES, customer_not_asked, found_customer, no_connection, no_customer
from vouchers.till.scans import shown_scans
from vouchers.till.verdicts import REFUSALS, verdict_of

State = Redemption.State
NOW = datetime(2026, 3, 5, 17, 31, 40, tzinfo=UTC)
HAND_OVER = "Entregue o benefício."
KEEP = "Não entregue o benefício."
REPEAT_NOT = "Não repita. O resultado aparece sozinho nas últimas leituras."
MANAGER = "Não entregue o benefício e chame o gestor."
#: A verdict as it is read: kind, word, reason, next step.
Read = tuple[str, str, str, str]


def read(verdict: Verdict) -> Read:
    return str(verdict.kind), str(verdict.word), str(verdict.reason), str(verdict.next_step)


@pytest.fixture(autouse=True)
def _frozen() -> Any:
    with time_machine.travel(NOW, tick=False), timezone.override(ZoneInfo("America/Sao_Paulo")):
        yield


@pytest.fixture
def make_scan(connection: Connection, cashier: User, till: Till) -> Callable[..., Redemption]:
    """A scan as it lies in the database; `voucher=…` are fields of its mirrored voucher."""

    def make(
        state: State, reason: str = "", voucher: dict[str, Any] | None = None, **fields: Any
    ) -> Redemption:
        if voucher is not None:
            Voucher.objects.create(
                connection=connection, remote_id="VALE-1", code_key="VALE1", content_hash=b"", **voucher
            )
        fields = {"till": till, "store": till.store, **fields}
        scan = Redemption.objects.create(
            id=uuid.uuid4(), connection=connection, code="VALE-1", code_sent="VALE-1", cashier=cashier,
            happened_at=NOW, state=state, reason=reason, **fields,
        )  # fmt: skip
        return shown_scans().get(pk=scan.pk)

    return make


def test_valid(make_scan: Callable[..., Redemption]) -> None:
    verdict = verdict_of(make_scan(State.VALID))
    assert read(verdict) == ("valid", "Válido", "Voucher validado.", HAND_OVER)
    assert (verdict.is_open, verdict.may_repeat) == (False, False)


def test_repeated_scan_shows_the_first_verdict(make_scan: Callable[..., Redemption]) -> None:
    first = make_scan(State.VALID, decided_at=NOW - timedelta(seconds=4))
    verdict = verdict_of(make_scan(State.USED, "repeated_scan", winner=first))
    again = "É a mesma leitura: entregue o benefício uma vez só."
    assert read(verdict) == ("valid", "Válido", "Validado há 4 s.", again)


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("till", "Usado em 05/03/2026 14:20, Loja Centro · Caixa 1, por Caio."),
        ("store", "Usado em 05/03/2026 14:20, Loja Centro, por Caio."),
        ("", "Usado em 05/03/2026 14:20 por Caio."),
    ],
)
def test_used_here_says_when_where_and_by_whom(
    where: str, sentence: str, make_scan: Callable[..., Redemption], store: Store, till: Till
) -> None:
    place = {"till": till if where == "till" else None, "store": store if where else None}
    used_at = datetime(2026, 3, 5, 17, 20, tzinfo=UTC)
    first = make_scan(State.VALID, used_at=used_at, **place)
    verdict = verdict_of(make_scan(State.USED, "voucher_used", winner=first, used_at=used_at))
    assert read(verdict) == ("used", "Já usado", sentence, KEEP)


@pytest.mark.parametrize(
    ("used_at", "voucher", "sentence"),
    [
        (NOW, {"store_name": "Loja Praia"}, "Usado em 05/03/2026 14:31, Loja Praia."),
        (NOW, None, "Usado em 05/03/2026 14:31, fora deste sistema."),
        (None, {"used_at": NOW}, "Usado em 05/03/2026 14:31, fora deste sistema."),
        (None, {"store_name": "Loja Praia"}, "Já foi usado em Loja Praia."),
        (None, None, "Já foi usado. A plataforma não informa quando nem onde."),
    ],
)
def test_used_elsewhere_says_what_is_known(
    used_at: datetime | None,
    voucher: dict[str, Any] | None,
    sentence: str,
    make_scan: Callable[..., Redemption],
) -> None:
    verdict = verdict_of(make_scan(State.USED, "voucher_used", voucher, used_at=used_at))
    assert read(verdict) == ("used", "Já usado", sentence, KEEP)


#: The last second of a day in São Paulo, so many days before today.
def day_end(days_ago: int) -> datetime:
    return datetime(2026, 3, 6, 2, 59, 59, tzinfo=UTC) - timedelta(days=days_ago)


@pytest.mark.parametrize(
    ("reason", "voucher", "sentence", "next_step"),
    [
        ("voucher_expired", {"expires_at": day_end(1)}, "Venceu ontem.", KEEP),
        ("voucher_expired", {"expires_at": day_end(2)}, "Venceu em 03/03/2026.", KEEP),
        ("voucher_expired", None, "O voucher está vencido.", KEEP),
        (
            "voucher_not_started",
            {"starts_at": NOW + timedelta(days=2)},
            "Vale a partir de 07/03/2026 14:31.",
            KEEP,
        ),
        ("voucher_not_started", None, "O voucher ainda não vale.", KEEP),
        ("voucher_cancelled", None, "O voucher foi cancelado.", KEEP),
        ("voucher_not_found", None, "Código não encontrado.", "Confira o código e leia de novo."),
        ("blank_code", None, "O código está em branco.", "Leia ou digite o código do voucher."),
        (
            "code_too_long",
            None,
            "O código é longo demais para um voucher.",
            "Confira o código e leia de novo.",
        ),
        (
            "invalid_code",
            None,
            "O código tem sinais que um voucher não tem.",
            "Confira o código e leia de novo.",
        ),
        ("unknown_status", None, "A situação deste voucher na plataforma não é reconhecida.", MANAGER),
        ("abandoned", None, "Não foi possível descobrir se este voucher foi usado.", MANAGER),
    ],
)
def test_refused_says_why(
    reason: str,
    voucher: dict[str, Any] | None,
    sentence: str,
    next_step: str,
    make_scan: Callable[..., Redemption],
) -> None:
    verdict = verdict_of(make_scan(State.REFUSED, reason, voucher))
    assert read(verdict) == ("refused", "Recusado", sentence, next_step)
    assert verdict.is_open is False


def test_every_known_refusal_is_tested_above() -> None:
    parameters = test_refused_says_why.pytestmark[0].args[1]
    assert {reason for reason, *_ in parameters} == set(REFUSALS)


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("Loja não participa.", "A plataforma recusou: “Loja não participa.”"),
        ("", "A plataforma recusou e não disse por quê."),
    ],
)
def test_an_unknown_reason_shows_the_platforms_sentence(
    message: str, sentence: str, make_scan: Callable[..., Redemption]
) -> None:
    verdict = verdict_of(make_scan(State.REFUSED, "unknown", message=message))
    assert read(verdict) == ("refused", "Recusado", sentence, KEEP)


@pytest.mark.parametrize(
    ("state", "reason", "sentence", "next_step"),
    [
        (State.PENDING, "", "A plataforma ainda não respondeu.", REPEAT_NOT),
        (State.IN_DOUBT, "", "A resposta da plataforma se perdeu.", REPEAT_NOT),
        (State.IN_DOUBT, "dry_run", "A plataforma respondeu, mas o voucher continua emitido.", MANAGER),
    ],
)
def test_confirming(
    state: State, reason: str, sentence: str, next_step: str, make_scan: Callable[..., Redemption]
) -> None:
    verdict = verdict_of(make_scan(state, reason))
    assert read(verdict) == ("waiting", "Confirmando", sentence, next_step)
    assert verdict.is_open is True


def test_confirming_elsewhere_says_where(make_scan: Callable[..., Redemption]) -> None:
    first = make_scan(State.IN_DOUBT)
    verdict = verdict_of(make_scan(State.REFUSED, "being_confirmed", winner=first))
    sentence = "Outra leitura deste voucher está sendo confirmada: Loja Centro · Caixa 1, Caio."
    assert read(verdict) == ("waiting", "Confirmando", sentence, REPEAT_NOT)
    assert verdict.is_open is True


@pytest.mark.parametrize(
    ("error", "cause", "sentence", "next_step"),
    [
        ("Unreachable", "refused", "Não foi validado: sem conexão com a plataforma.", "Leia de novo."),
        ("RateLimited", "", "Não foi validado: a plataforma pediu para ir mais devagar.", "Leia de novo."),
        ("ProcessDied", "", "Não foi validado: o programa foi interrompido.", "Leia de novo."),
        (
            "NotAllowed",
            "blocked",
            "A integração está parada porque a plataforma não aceitou as credenciais. Substitua as credenciais.",
            "Chame o gestor.",
        ),
    ],
)
def test_what_never_left_may_be_read_again(
    error: str,
    cause: str,
    sentence: str,
    next_step: str,
    make_scan: Callable[..., Redemption],
    connection: Connection,
) -> None:
    write = Write.objects.create(
        connection=connection,
        kind="validate_voucher",
        state=Write.State.NOT_SENT,
        error=error,
        error_cause=cause,
    )
    verdict = verdict_of(make_scan(State.NOT_DONE, "not_sent", write=write))
    assert read(verdict) == ("refused", "Não realizado", sentence, next_step)
    assert verdict.may_repeat is True


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("not_done", "Confirmado com a plataforma: o voucher não foi usado."),
        ("try_again", "Não foi validado."),
    ],
)
def test_settled_as_not_done(reason: str, sentence: str, make_scan: Callable[..., Redemption]) -> None:
    verdict = verdict_of(make_scan(State.NOT_DONE, reason))
    assert read(verdict) == ("refused", "Não realizado", sentence, "Leia de novo.")


def test_every_state_has_a_verdict(make_scan: Callable[..., Redemption]) -> None:
    kinds = {
        state: verdict_of(make_scan(state)).kind for state in (*State,) if state not in Redemption.HOLDING
    }
    assert kinds == {
        State.USED: Kind.USED,
        State.REFUSED: Kind.REFUSED,
        State.NOT_DONE: Kind.REFUSED,
        State.ELSEWHERE: Kind.REFUSED,
    }


def test_answers_to_what_was_no_voucher() -> None:
    masked = "•••.982.247-••"
    assert read(no_connection()) == (
        "refused",
        "Não realizado",
        "Nenhuma integração está ativa.",
        "Chame o gestor.",
    )
    assert read(no_customer(masked)) == (
        "refused",
        "Não encontrado",
        "Nenhum cliente com o CPF •••.982.247-••.",
        "Confira os números com o cliente.",
    )
    assert read(customer_not_asked(masked, Unreachable(reason="timeout"))) == (
        "refused",
        "Não encontrado",
        "O CPF •••.982.247-•• não está na nossa cópia.",
        "A plataforma demorou demais para responder. Tente de novo em instantes.",
    )
    assert read(found_customer())[:2] == ("idle", "Cliente")


def test_no_stage_says_valid() -> None:
    """Nothing says "valid" before the platform did."""
    assert {name: stage.kind for name, stage in STAGES.items()} == {
        "idle": Kind.IDLE,
        "read": Kind.IDLE,
        "waiting": Kind.WAITING,
        "slow": Kind.WAITING,
        "lost": Kind.WAITING,
        "unsent": Kind.REFUSED,
        "failed": Kind.REFUSED,
    }


def test_each_kind_has_its_own_icon() -> None:
    assert len(set(ICONS.values())) == len(Kind)


def test_words_follow_the_language(make_scan: Callable[..., Redemption], sandbox: SandboxServer) -> None:
    scan = make_scan(State.VALID)
    with translation.override(None):
        assert str(verdict_of(scan).word) == "Válido"
