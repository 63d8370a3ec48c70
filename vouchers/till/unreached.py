"""What the till says about a scan that found no platform: the offer of contingency, or why there is none.

Nothing is accepted here; `vouchers.contingency` decides. Source: `cashier-screen.md` law 12.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smartbis_admin.staff.models import Shift
from vouchers.contingency.accepting import found_no_platform, offer
from vouchers.contingency.models import ContingencyUse
from vouchers.models import Redemption
from vouchers.till.kinds import CALL_MANAGER, DO_NOT_HAND_OVER, READ_AGAIN, Kind, Verdict, make_verdict
from vouchers.till.verdicts import verdict_of

Breach = ContingencyUse.Breach
NO_PLATFORM = gettext_lazy("Sem conexão com a plataforma")
DO_NOT_VALIDATE = gettext_lazy("Sem conexão – não validar")
#: What to do about it, where that is not just to keep the benefit.
NEXT_STEPS = {
    Breach.NO_RELEASE: gettext_lazy("Um gestor libera com o PIN, neste ponto de caixa."),
    Breach.UNKNOWN_CODE: gettext_lazy("Confira o código e leia de novo."),
    Breach.TOO_DEAR: CALL_MANAGER,
    Breach.TOO_MANY: CALL_MANAGER,
}


def answer_to(scan: Redemption, shift: Shift) -> Verdict:
    """The verdict of a scan as the till of this shift shows it. Kind `offer`: it may be accepted.

    Reads what `verdict_of` reads, `connection`, and of the shift `till.store`.
    """
    if not found_no_platform(scan):
        return verdict_of(scan)
    breach = offer(scan, shift)
    if breach == "over":
        return verdict_of(scan)
    return refused(breach) if breach else offered()


def offered() -> Verdict:
    """The question; nothing is accepted before somebody answers it."""
    next_step = _("Para aceitar: Enter ou o botão. Ler outro voucher desiste deste.")
    return make_verdict(Kind.OFFER, _("Validar em contingência?"), next_step, word=NO_PLATFORM)


def refused(breach: str) -> Verdict:
    """Why a voucher is not accepted without the platform."""
    if breach == "over":
        reason = _("Passou tempo demais desde a leitura.")
        return make_verdict(Kind.REFUSED, reason, READ_AGAIN, word=DO_NOT_VALIDATE, may_repeat=True)
    known = Breach(breach)
    next_step = NEXT_STEPS.get(known, DO_NOT_HAND_OVER)
    return make_verdict(Kind.REFUSED, known.label, next_step, word=DO_NOT_VALIDATE, may_repeat=True)
