"""Why a run ended as it did, in one sentence with the way out."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.words import explain
from smartbis_admin.sync.engine.runs import Reason
from smartbis_admin.sync.models import SyncRun

_REASONS: dict[str, str | Promise] = {
    Reason.CUT_LISTING: _(
        "A plataforma enviou menos linhas do que disse ter. O que chegou foi guardado e nada foi retirado. "
        "Sincronize de novo mais tarde."
    ),
    Reason.UNREADABLE_IDS: _(
        "Algumas linhas vieram sem identificação legível, por isso nada foi retirado. Veja as ocorrências."
    ),
    Reason.BRAKE: _(
        "Linhas demais sumiram da plataforma de uma vez. Nada foi retirado: confira no painel da plataforma e decida."
    ),
    Reason.NOT_OFFERED: _("A conta não oferece esta lista."),
    Reason.WITHDRAWAL_ACCEPTED: _("A retirada das linhas ausentes foi aceita."),
    Reason.WITHDRAWAL_DISMISSED: _("As linhas ausentes foram mantidas."),
    Reason.INTERRUPTED: _("A execução foi interrompida várias vezes. Sincronize de novo."),
    Reason.DATABASE: _("O banco de dados não respondeu. Sincronize de novo em instantes."),
    Reason.UNEXPECTED: _("Algo deu errado aqui. Fale com o suporte e informe o número da execução."),
}
#: More exact words for a list that was cut, by `Walk.reason`.
_CUTS: dict[str, str | Promise] = {
    "false_end": _(
        "A plataforma deu a lista por encerrada antes da última linha. O que chegou foi guardado e nada foi retirado. "
        "Sincronize de novo mais tarde."
    ),
    "recount_differs": _(
        "A plataforma repetiu uma página da lista. O que chegou foi guardado e nada foi retirado. "
        "Sincronize de novo mais tarde."
    ),
    "no_cursor": _(
        "A plataforma não disse se a lista continua. O que chegou foi guardado e nada foi retirado. "
        "Sincronize de novo mais tarde."
    ),
    "endless": _(
        "A lista da plataforma não chegou ao fim. O que chegou foi guardado e nada foi retirado. "
        "Sincronize de novo mais tarde."
    ),
}


def explain_run(run: SyncRun) -> str:
    """The sentence for a run's reason; empty when it simply ended well."""
    if not run.reason:
        return ""
    if run.reason == Reason.CUT_LISTING:
        cause = "recount_differs" if run.paging_ignored else run.cause
        return str(_CUTS.get(cause, _REASONS[Reason.CUT_LISTING]))
    return str(_REASONS.get(run.reason, "")) or explain(run.reason, run.cause)
