"""What the till says about a code or card of another programme. Asks nobody; reads `winner` of a scan."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smartbis_admin.ui.formats import datetime_local
from vouchers.models import Redemption
from vouchers.till.kinds import DO_NOT_HAND_OVER, Kind, Verdict, make_verdict

OTHER_PROGRAMME = gettext_lazy("Outro programa")
CARD = gettext_lazy("Cartão da carteira")
NOTED = gettext_lazy("Uso anotado")
NOTED_BEFORE = gettext_lazy("Uso já anotado")
TAKEN_BACK = gettext_lazy("Anotação retirada")
NOTE_IT = gettext_lazy("Se o cliente o usar aqui, anote o uso: Enter ou o botão.")
NOT_TOLD = gettext_lazy("O registro fica só neste sistema: a plataforma não é avisada.")
#: Reason -> kind, word, sentence, next step. `%(programme)s` is the programme's name.
_PLAIN: dict[str, tuple[Kind, str | Promise, Promise, str | Promise]] = {
    "code": (
        Kind.LOOK,
        OTHER_PROGRAMME,
        gettext_lazy("Código de %(programme)s: é usado na loja virtual e não pode ser validado aqui."),
        NOTE_IT,
    ),
    "card": (
        Kind.LOOK,
        CARD,
        gettext_lazy(
            "Cartão de %(programme)s, não um voucher: pontos e ofertas são usados no próprio cartão."
        ),
        NOTE_IT,
    ),
    "code_expired": (
        Kind.REFUSED,
        OTHER_PROGRAMME,
        gettext_lazy("Código de %(programme)s, vencido."),
        DO_NOT_HAND_OVER,
    ),
    "code_cancelled": (
        Kind.REFUSED,
        OTHER_PROGRAMME,
        gettext_lazy("Código de %(programme)s, cancelado."),
        DO_NOT_HAND_OVER,
    ),
    "code_not_issued": (
        Kind.REFUSED,
        OTHER_PROGRAMME,
        gettext_lazy("Código de %(programme)s, ainda não emitido."),
        DO_NOT_HAND_OVER,
    ),
    "taken_back": (
        Kind.LOOK,
        TAKEN_BACK,
        gettext_lazy("Um gestor retirou a anotação deste uso (%(programme)s)."),
        gettext_lazy("Leia de novo para anotar."),
    ),
}

#: A reason this version does not know: nothing is promised.
_UNKNOWN = (
    Kind.REFUSED,
    OTHER_PROGRAMME,
    gettext_lazy("Código de %(programme)s, não um voucher."),
    DO_NOT_HAND_OVER,
)


def elsewhere_verdict(scan: Redemption) -> Verdict:
    """The verdict of a scan in state `elsewhere`."""
    programme = {"programme": scan.message}
    match scan.reason:
        case "noted":
            reason = _("Uso de %(programme)s anotado por %(who)s.") % (programme | {"who": str(scan.cashier)})
            return make_verdict(Kind.LOOK, reason, NOT_TOLD, word=NOTED)
        case "noted_before":
            return make_verdict(
                Kind.USED, _first_note(scan), DO_NOT_HAND_OVER, word=NOTED_BEFORE, may_repeat=True
            )
        case "code_used":
            reason = _("Código de %(programme)s: a plataforma diz que já foi usado.") % programme
            if scan.used_at:
                values = programme | {"when": datetime_local(scan.used_at)}
                reason = _("Código de %(programme)s, usado em %(when)s.") % values
            return make_verdict(Kind.USED, reason, DO_NOT_HAND_OVER, may_repeat=True)
    kind, word, sentence, next_step = _PLAIN.get(scan.reason, _UNKNOWN)
    return make_verdict(kind, str(sentence) % programme, next_step, word=word, may_repeat=True)


def _first_note(scan: Redemption) -> str:
    """When, where and by whom the use was noted first."""
    first = scan.winner
    if first is None:
        return _("O uso já foi anotado (%(programme)s).") % {"programme": scan.message}
    return _("Uso de %(programme)s anotado em %(when)s, %(place)s, por %(who)s.") % {
        "programme": scan.message,
        "when": datetime_local(first.decided_at or first.received_at),
        "place": str(first.till),
        "who": str(first.cashier),
    }
