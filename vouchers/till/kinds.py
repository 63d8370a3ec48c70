"""What a verdict is: its kind, its word, its next step. Looks and sounds hang on the kinds.

Knows no scan; `verdicts.py` turns scans into verdicts. Source: `cashier-screen.md` law 2.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


class Kind(StrEnum):
    """The four verdicts and what was accepted in contingency; colour, icon and sound hang on them.

    Idle, look and offer are none: nothing was asked yet.
    """

    IDLE = "idle"
    LOOK = "look"
    OFFER = "offer"
    CONTINGENCY = "contingency"
    VALID = "valid"
    USED = "used"
    REFUSED = "refused"
    WAITING = "waiting"


ICONS = {
    Kind.IDLE: "barcode",
    Kind.LOOK: "eye",
    Kind.OFFER: "wifi-off",
    Kind.CONTINGENCY: "clock-pause",
    Kind.VALID: "check",
    Kind.USED: "history",
    Kind.REFUSED: "x",
    Kind.WAITING: "dots",
}
WORDS: dict[Kind, Promise] = {
    Kind.IDLE: gettext_lazy("Caixa livre"),
    Kind.LOOK: gettext_lazy("Confira"),
    Kind.OFFER: gettext_lazy("Sem conexão"),
    Kind.CONTINGENCY: gettext_lazy("Aceito em contingência"),
    Kind.VALID: gettext_lazy("Válido"),
    Kind.USED: gettext_lazy("Já usado"),
    Kind.REFUSED: gettext_lazy("Recusado"),
    Kind.WAITING: gettext_lazy("Confirmando"),
}
#: Nothing happened and nobody refused: the voucher is as it was.
NOT_DONE = gettext_lazy("Não realizado")
READ_AGAIN = gettext_lazy("Leia de novo.")
DO_NOT_REPEAT = gettext_lazy("Não repita. O resultado aparece sozinho nas últimas leituras.")
DO_NOT_HAND_OVER = gettext_lazy("Não entregue o benefício.")
#: The benefit is gone; who makes it good is decided elsewhere.
IN_CONFLICT = gettext_lazy("Foi aceito em contingência: um gestor decide o que fazer.")
ALREADY_ACCEPTED = gettext_lazy("Já aceito em contingência")
CALL_MANAGER = gettext_lazy("Não entregue o benefício e chame o gestor.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the banner shows, and what the program behind it needs to know."""

    kind: Kind
    word: str | Promise
    reason: str | Promise
    next_step: str | Promise
    #: It is still unknown what happened; the verdict will change by itself.
    is_open: bool = False
    #: Nothing came of it: the same code may be read again at once.
    may_repeat: bool = False

    @property
    def icon(self) -> str:
        return ICONS[self.kind]


def make_verdict(
    kind: Kind,
    reason: str | Promise,
    next_step: str | Promise,
    *,
    word: str | Promise = "",
    is_open: bool = False,
    may_repeat: bool = False,
) -> Verdict:
    """A verdict under the word of its kind, or under another `word`."""
    return Verdict(kind, word or WORDS[kind], reason, next_step, is_open, may_repeat)
