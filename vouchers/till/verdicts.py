"""What the till says about a scan: one of four verdicts, why, and what to do next.

Turns a `Redemption` into words and asks nobody: every sentence is whole, because other languages order
its parts otherwise. Times are shown in the active time zone (the store's). Source: `cashier-screen.md`
law 2.
"""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from smartbis_admin.connections.words import explain
from smartbis_admin.ui.formats import datetime_local, day
from vouchers.elsewhere.verdicts import elsewhere_verdict
from vouchers.models import Redemption
from vouchers.redemption import REPEAT_WINDOW
from vouchers.till.kinds import (
    ALREADY_ACCEPTED,
    CALL_MANAGER,
    DO_NOT_HAND_OVER,
    DO_NOT_REPEAT,
    IN_CONFLICT,
    NOT_DONE,
    READ_AGAIN,
    Kind,
    Verdict,
    make_verdict,
)

State = Redemption.State


def verdict_of(scan: Redemption) -> Verdict:
    """The verdict of a scan as it stands now.

    Reads `voucher`, `write`, `winner` and, of the winner, `store`, `till` and `cashier`: select them.
    """
    if scan.state == State.ELSEWHERE:
        return elsewhere_verdict(scan)
    if scan.road:
        return _in_contingency(scan)
    match scan.state:
        case State.VALID:
            return make_verdict(Kind.VALID, _("Voucher validado."), _("Entregue o benefício."))
        case State.USED if scan.reason == "repeated_scan":
            return _repeated(scan)
        case State.USED:
            return make_verdict(Kind.USED, _used(scan), DO_NOT_HAND_OVER)
        case State.REFUSED if scan.reason == "being_confirmed":
            return make_verdict(Kind.WAITING, _being_confirmed(scan), DO_NOT_REPEAT, is_open=True)
        case State.REFUSED if scan.reason == "in_contingency":
            return _accepted_elsewhere(scan)
        case State.REFUSED:
            return _refused(scan)
        case State.IN_DOUBT if scan.reason == "dry_run":
            reason = _("A plataforma respondeu, mas o voucher continua emitido.")
            return make_verdict(Kind.WAITING, reason, CALL_MANAGER, is_open=True)
        case State.IN_DOUBT:
            return make_verdict(
                Kind.WAITING, _("A resposta da plataforma se perdeu."), DO_NOT_REPEAT, is_open=True
            )
        case State.NOT_DONE:
            return _not_done(scan)
    return make_verdict(Kind.WAITING, _("A plataforma ainda não respondeu."), DO_NOT_REPEAT, is_open=True)


def _in_contingency(scan: Redemption) -> Verdict:
    """A voucher whose benefit was handed over before the platform was asked."""
    match scan.state:
        case State.CONTINGENCY | State.PENDING:
            reason = _("Ainda não confirmado pela plataforma.")
            next_step = _("Entregue o benefício. A confirmação aparece sozinha nas últimas leituras.")
            return make_verdict(Kind.CONTINGENCY, reason, next_step, is_open=True)
        case State.IN_DOUBT:
            reason = _("Aceito em contingência. A resposta da plataforma se perdeu.")
            return make_verdict(Kind.WAITING, reason, DO_NOT_REPEAT, is_open=True)
        case State.VALID:
            reason = _("Aceito em contingência e confirmado pela plataforma.")
            return make_verdict(Kind.VALID, reason, _("O benefício já foi entregue: não entregue de novo."))
        case State.USED:
            return make_verdict(Kind.USED, _used(scan), IN_CONFLICT)
        case State.REFUSED if scan.reason == "in_contingency":
            return make_verdict(Kind.USED, _accepted(scan), IN_CONFLICT, word=ALREADY_ACCEPTED)
        case State.REFUSED if scan.reason == "being_confirmed":
            return make_verdict(Kind.WAITING, _being_confirmed(scan), IN_CONFLICT, is_open=True)
        case State.REFUSED if scan.reason == "outside_policy":
            reason = _("Foi aceito fora da regra da loja para quando não há conexão.")
            return make_verdict(Kind.REFUSED, reason, IN_CONFLICT)
        case State.REFUSED:
            sentence, _next = REFUSALS.get(scan.reason, (_unknown, ""))
            return make_verdict(Kind.REFUSED, sentence(scan), IN_CONFLICT)
    return make_verdict(Kind.REFUSED, _not_done(scan).reason, IN_CONFLICT, word=NOT_DONE)


def _accepted_elsewhere(scan: Redemption) -> Verdict:
    """Another scan holds the voucher in contingency; read twice in a row it is one customer's."""
    winner = scan.winner
    passed = scan.received_at - (winner.decided_at or winner.received_at) if winner else timedelta.max
    if winner and winner.till_id == scan.till_id and passed <= REPEAT_WINDOW:
        reason = _("Aceito agora há pouco, ainda não confirmado pela plataforma.")
        next_step = _("É a mesma leitura: entregue o benefício uma vez só.")
        return make_verdict(Kind.CONTINGENCY, reason, next_step, is_open=True)
    return make_verdict(Kind.USED, _accepted(scan), DO_NOT_HAND_OVER, word=ALREADY_ACCEPTED, is_open=True)


def _accepted(scan: Redemption) -> str:
    """Where, when and by whom it was accepted in contingency."""
    winner = scan.winner
    if winner is None:
        return _("A plataforma ainda não confirmou.")
    values = {
        "when": datetime_local(winner.happened_at),
        "place": str(winner.till or winner.store or ""),
        "who": str(winner.cashier),
    }
    return _("Em %(when)s, %(place)s, por %(who)s. A plataforma ainda não confirmou.") % values


def _repeated(scan: Redemption) -> Verdict:
    """The first verdict once more: one customer's voucher was read twice."""
    first = scan.winner
    passed = scan.received_at - (first.decided_at or first.received_at) if first else timedelta()
    seconds = max(round(passed.total_seconds()), 0)
    reason = ngettext("Validado há %(count)s s.", "Validado há %(count)s s.", seconds) % {"count": seconds}
    return make_verdict(Kind.VALID, reason, _("É a mesma leitura: entregue o benefício uma vez só."))


def _used(scan: Redemption) -> str:
    """When, where and by whom, as far as it is known: our own redemption, else what the platform says."""
    at = scan.used_at or (scan.voucher.used_at if scan.voucher else None)
    when = datetime_local(at) if at else ""
    if winner := scan.winner:
        when = when or datetime_local(winner.decided_at or winner.received_at)
        place = str(winner.till or winner.store or "")
        values = {"when": when, "place": place, "who": str(winner.cashier)}
        if place:
            return _("Usado em %(when)s, %(place)s, por %(who)s.") % values
        return _("Usado em %(when)s por %(who)s.") % values
    place = scan.voucher.store_name or "" if scan.voucher else ""
    if when and place:
        return _("Usado em %(when)s, %(place)s.") % {"when": when, "place": place}
    if when:
        return _("Usado em %(when)s, fora deste sistema.") % {"when": when}
    if place:
        return _("Já foi usado em %(place)s.") % {"place": place}
    return _("Já foi usado. A plataforma não informa quando nem onde.")


def _being_confirmed(scan: Redemption) -> str:
    winner = scan.winner
    if winner and (winner.till or winner.store):
        values = {"place": str(winner.till or winner.store), "who": str(winner.cashier)}
        return _("Outra leitura deste voucher está sendo confirmada: %(place)s, %(who)s.") % values
    return _("Outra leitura deste voucher está sendo confirmada.")


def _expired(scan: Redemption) -> str:
    ended = scan.voucher.expires_at if scan.voucher else None
    if ended is None:
        return _("O voucher está vencido.")
    days = (timezone.localdate(scan.received_at) - timezone.localdate(ended)).days
    if days == 1:
        return _("Venceu ontem.")
    return _("Venceu em %(day)s.") % {"day": day(ended)}


def _not_started(scan: Redemption) -> str:
    starts = scan.voucher.starts_at if scan.voucher else None
    if starts is None:
        return _("O voucher ainda não vale.")
    return _("Vale a partir de %(when)s.") % {"when": datetime_local(starts)}


def _unknown(scan: Redemption) -> str:
    if scan.message:
        return _("A plataforma recusou: “%(message)s”") % {"message": scan.message}
    return _("A plataforma recusou e não disse por quê.")


def _plain(sentence: Promise) -> Callable[[Redemption], str]:
    return lambda scan: str(sentence)


#: Reason of a refusal -> the sentence, and the next step.
REFUSALS: dict[str, tuple[Callable[[Redemption], str], Promise]] = {
    "voucher_expired": (_expired, DO_NOT_HAND_OVER),
    "voucher_not_started": (_not_started, DO_NOT_HAND_OVER),
    "voucher_cancelled": (_plain(gettext_lazy("O voucher foi cancelado.")), DO_NOT_HAND_OVER),
    "voucher_not_found": (
        _plain(gettext_lazy("Código não encontrado.")),
        gettext_lazy("Confira o código e leia de novo."),
    ),
    "blank_code": (
        _plain(gettext_lazy("O código está em branco.")),
        gettext_lazy("Leia ou digite o código do voucher."),
    ),
    "code_too_long": (
        _plain(gettext_lazy("O código é longo demais para um voucher.")),
        gettext_lazy("Confira o código e leia de novo."),
    ),
    "invalid_code": (
        _plain(gettext_lazy("O código tem sinais que um voucher não tem.")),
        gettext_lazy("Confira o código e leia de novo."),
    ),
    "unknown_status": (
        _plain(gettext_lazy("A situação deste voucher na plataforma não é reconhecida.")),
        CALL_MANAGER,
    ),
    "abandoned": (
        _plain(gettext_lazy("Não foi possível descobrir se este voucher foi usado.")),
        CALL_MANAGER,
    ),
}
#: Refusals of what was typed: nothing was asked of the platform, or it knows no such code.
SLIPS = frozenset({"blank_code", "code_too_long", "invalid_code", "voucher_not_found"})


def _refused(scan: Redemption) -> Verdict:
    sentence, next_step = REFUSALS.get(scan.reason, (_unknown, DO_NOT_HAND_OVER))
    return make_verdict(Kind.REFUSED, sentence(scan), next_step, may_repeat=scan.reason in SLIPS)


#: Why a request never left (class name of the `ApiError`); any other: the link is down.
NOT_SENT = {
    "RateLimited": gettext_lazy("Não foi validado: a plataforma pediu para ir mais devagar."),
    "ProcessDied": gettext_lazy("Não foi validado: o programa foi interrompido."),
}
LINK_DOWN = gettext_lazy("Não foi validado: sem conexão com a plataforma.")


def _not_done(scan: Redemption) -> Verdict:
    """The voucher was not validated and nobody refused it."""
    reason: str | Promise = _("Não foi validado.")
    next_step = READ_AGAIN
    if scan.reason == "not_done":
        reason = _("Confirmado com a plataforma: o voucher não foi usado.")
    elif scan.write and scan.write.error in ("NotAllowed", "Misconfigured"):
        reason, next_step = explain(scan.write.error, scan.write.error_cause), gettext_lazy("Chame o gestor.")
    elif scan.reason == "offline":
        reason = _("Não foi validado: o caixa estava sem conexão.")
    elif scan.write:
        reason = NOT_SENT.get(scan.write.error, LINK_DOWN)
    return make_verdict(Kind.REFUSED, reason, next_step, word=NOT_DONE, may_repeat=True)
