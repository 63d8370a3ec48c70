"""The life of a card machine's sale as a table: what can happen, and which step leads where.

It is `smartpos.md` §3 and nothing else; `life.py` takes the steps.
"""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from customers.bridge.models import PosSale

State = PosSale.State


class Event(TextChoices):
    """What can happen to a sale."""

    STORED = "stored", _("Recebida do SmartPOS")
    FOUND = "found", _("Cliente encontrado")
    NOT_FOUND = "not_found", _("Cliente não encontrado")
    IDENTIFIED = "identified", _("Cliente identificado")
    GAVE_UP = "gave_up", _("Identificação encerrada")
    PASSED = "passed", _("Conferida: acumula")
    FAILED = "failed", _("Conferida: não acumula")
    OVERRULED = "overruled", _("Liberada por uma pessoa")
    SENT = "sent", _("Registrada na plataforma")
    REFUSED = "refused", _("Recusada pela plataforma")
    NOT_SENT = "not_sent", _("Não saiu: será enviada de novo")
    LOST = "lost", _("Resposta perdida")
    SETTLED = "settled", _("Confirmado que foi registrada")
    SETTLED_NEGATIVE = "settled_negative", _("Confirmado que não foi registrada")
    ABANDONED = "abandoned", _("Abandonada por uma pessoa")
    CORRECTED = "corrected", _("Corrigida por uma pessoa")
    CANCELLED = "cancelled", _("Cancelada na maquininha")
    REVERSED = "reversed", _("Estorno confirmado")
    # These change no state.
    FLAGGED = "flagged", _("Marcada")
    UNFLAGGED = "unflagged", _("Marca retirada")
    CHANGED = "changed", _("Dados alterados no SmartPOS")
    LINKED = "linked", _("Cliente trocado")


#: (state, what happened) -> the next state. "" is: not stored yet.
TRANSITIONS: Mapping[tuple[str, Event], State] = {
    ("", Event.STORED): State.RECEIVED,
    (State.RECEIVED, Event.FOUND): State.MATCHED,
    (State.RECEIVED, Event.NOT_FOUND): State.UNIDENTIFIED,
    (State.UNIDENTIFIED, Event.IDENTIFIED): State.MATCHED,
    (State.UNIDENTIFIED, Event.GAVE_UP): State.INELIGIBLE,
    (State.MATCHED, Event.PASSED): State.ELIGIBLE,
    (State.MATCHED, Event.FAILED): State.INELIGIBLE,
    (State.INELIGIBLE, Event.OVERRULED): State.ELIGIBLE,
    (State.ELIGIBLE, Event.SENT): State.REGISTERED,
    (State.ELIGIBLE, Event.REFUSED): State.REJECTED,
    (State.ELIGIBLE, Event.NOT_SENT): State.ELIGIBLE,
    (State.ELIGIBLE, Event.LOST): State.IN_DOUBT,
    (State.IN_DOUBT, Event.SETTLED): State.REGISTERED,
    # With `reversal_due` it becomes ineligible instead: see `_target`.
    (State.IN_DOUBT, Event.SETTLED_NEGATIVE): State.ELIGIBLE,
    (State.IN_DOUBT, Event.ABANDONED): State.REJECTED,
    (State.REJECTED, Event.CORRECTED): State.ELIGIBLE,
    (State.RECEIVED, Event.CANCELLED): State.INELIGIBLE,
    (State.MATCHED, Event.CANCELLED): State.INELIGIBLE,
    (State.UNIDENTIFIED, Event.CANCELLED): State.INELIGIBLE,
    (State.ELIGIBLE, Event.CANCELLED): State.INELIGIBLE,
    (State.REGISTERED, Event.CANCELLED): State.REGISTERED,
    (State.IN_DOUBT, Event.CANCELLED): State.IN_DOUBT,
    (State.REGISTERED, Event.REVERSED): State.REVERSED,
}
CANCELLED_BEFORE = "cancelled_before_registration"
NOT_IDENTIFIED = "not_identified"
#: The reason a step brings along by itself.
FIXED_REASONS: Mapping[Event, str] = {
    Event.GAVE_UP: NOT_IDENTIFIED,
    Event.ABANDONED: "abandoned",
    Event.CANCELLED: CANCELLED_BEFORE,
}
WHY_UNIDENTIFIED = frozenset({"no_buyer_data", "unknown_buyer", "invalid_cpf", "ambiguous"})
#: Reasons of `ineligible` a person with permission may overrule; all others are final.
OVERRULABLE = frozenset(
    {
        NOT_IDENTIFIED,
        "duplicate",
        "store_excluded",
        "method_excluded",
        "below_minimum",
        "outside_period",
        "too_old",
    }
)
