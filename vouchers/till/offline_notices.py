"""What the till says while its own link is down. The words lie ready in the page; its script only chooses.

Asks nobody and knows no numbers: the script fills in amounts and times. Source: `cashier-screen.md` law 12
and "When the link is down".
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vouchers.till.kinds import CALL_MANAGER, DO_NOT_HAND_OVER, NOT_DONE, Kind, Verdict, make_verdict
from vouchers.till.notices import STAGES

NO_LINK = _("Sem conexão – não validar")
TRY_LATER = _("Leia de novo quando a internet voltar.")


def _refuse(reason: Promise, next_step: Promise = TRY_LATER) -> Verdict:
    """A scan nothing may be accepted for: nobody knows whether the voucher is good."""
    return make_verdict(Kind.REFUSED, reason, next_step, word=NO_LINK, may_repeat=True)


#: By the stage that `static/till/offline/policy.js` and `desk.js` come to.
OFFLINE: dict[str, Verdict] = {
    "offer": make_verdict(
        Kind.OFFER,
        _("Validar em contingência?"),
        _("Para aceitar: Enter ou o botão. Ler outro voucher desiste deste."),
        word=_("Sem internet"),
    ),
    "accepted": make_verdict(
        Kind.CONTINGENCY,
        _("Ainda não confirmado pela plataforma."),
        _("Entregue o benefício. O resultado aparece nas últimas leituras quando a internet voltar."),
    ),
    "repeated-contingency": make_verdict(
        Kind.CONTINGENCY,
        _("É a mesma leitura, aceita há pouco."),
        _("Entregue o benefício uma vez só."),
    ),
    "repeated-valid": make_verdict(
        Kind.VALID,
        _("É a mesma leitura, validada há pouco."),
        _("Entregue o benefício uma vez só."),
    ),
    "spent-contingency": make_verdict(
        Kind.USED, _("Já foi aceito em contingência neste ponto de caixa."), DO_NOT_HAND_OVER
    ),
    "spent": make_verdict(Kind.USED, _("Já foi lido e usado neste ponto de caixa."), DO_NOT_HAND_OVER),
    "spent-waiting": make_verdict(
        Kind.WAITING, _("Este voucher já está sendo confirmado."), DO_NOT_HAND_OVER
    ),
    "refuse": _refuse(_("A loja não aceita vouchers sem internet.")),
    "old": _refuse(_("Os dados deste caixa estão velhos demais para aceitar vouchers.")),
    "unreleased": _refuse(
        _("A contingência não foi liberada neste turno."),
        _("Um gestor libera com o PIN, com a internet ligada."),
    ),
    "released": _refuse(
        _("A liberação do gestor terminou."), _("Um gestor libera com o PIN, com a internet ligada.")
    ),
    "limit": _refuse(_("O limite de vouchers por hora foi atingido.")),
    "unknown": _refuse(
        _("O código não está entre os vouchers válidos deste caixa."), _("Confira o código e leia de novo.")
    ),
    "cut": _refuse(_("Este caixa não guarda todos os códigos, e este não está entre eles.")),
    "early": _refuse(_("O voucher ainda não vale."), DO_NOT_HAND_OVER),
    "expired": make_verdict(Kind.REFUSED, _("O voucher está vencido."), DO_NOT_HAND_OVER),
    "dear": _refuse(_("Vale mais do que se aceita sem internet."), CALL_MANAGER),
    "worthless": _refuse(_("Vouchers sem valor em reais não são aceitos sem internet.")),
    "nothing": _refuse(_("Este caixa ainda não tem dados para conferir vouchers sem internet.")),
    "customer": make_verdict(
        Kind.REFUSED,
        _("Clientes só podem ser consultados com internet."),
        TRY_LATER,
        word=NOT_DONE,
        may_repeat=True,
    ),
    "gone": STAGES["unsent"],
    "unkept": make_verdict(
        Kind.REFUSED,
        _("Não foi possível guardar a leitura neste aparelho."),
        DO_NOT_HAND_OVER,
        word=NOT_DONE,
        may_repeat=True,
    ),
}
