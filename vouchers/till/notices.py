"""What the till says that is no scan's verdict: idle, waiting, lost, and answers to what was not a voucher.

Asks nobody. `STAGES` lie ready in the page, so that its script holds no words.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from smartbis_admin.api.errors import ApiError
from smartbis_admin.connections.words import explain
from vouchers.till.kinds import NOT_DONE, READ_AGAIN, Kind, Verdict, make_verdict

#: What the page shows while there is no answer yet, or none will come, by the name of the stage.
STAGES = {
    "idle": make_verdict(
        Kind.IDLE,
        gettext_lazy("Leia o próximo voucher."),
        gettext_lazy("Use o leitor, a câmera ou digite o código."),
    ),
    "read": make_verdict(Kind.IDLE, "", "", word=gettext_lazy("Lido")),
    "waiting": make_verdict(
        Kind.WAITING,
        gettext_lazy("Falando com a plataforma."),
        "",
        word=gettext_lazy("Confirmando…"),
        is_open=True,
    ),
    "slow": make_verdict(
        Kind.WAITING,
        gettext_lazy("Não repita."),
        gettext_lazy("A plataforma está demorando para responder."),
        word=gettext_lazy("Ainda confirmando"),
        is_open=True,
    ),
    "lost": make_verdict(
        Kind.WAITING,
        gettext_lazy("Não repita. O caixa está livre para o próximo cliente."),
        gettext_lazy("O resultado aparece sozinho nas últimas leituras."),
        is_open=True,
    ),
    "unsent": make_verdict(
        Kind.REFUSED,
        gettext_lazy("Não foi validado: a leitura não chegou ao servidor."),
        READ_AGAIN,
        word=NOT_DONE,
        may_repeat=True,
    ),
    "failed": make_verdict(
        Kind.REFUSED,
        gettext_lazy("Não foi validado: esta página está desatualizada."),
        gettext_lazy("Recarregue a página e leia de novo."),
        word=NOT_DONE,
        may_repeat=True,
    ),
}


def no_connection() -> Verdict:
    """There is no platform to ask."""
    reason = _("Nenhuma integração está ativa.")
    return make_verdict(Kind.REFUSED, reason, _("Chame o gestor."), word=NOT_DONE, may_repeat=True)


def no_customer(masked_cpf: str) -> Verdict:
    """A CPF was typed that belongs to nobody."""
    reason = _("Nenhum cliente com o CPF %(cpf)s.") % {"cpf": masked_cpf}
    next_step = _("Confira os números com o cliente.")
    word = pgettext("customer", "Não encontrado")
    return make_verdict(Kind.REFUSED, reason, next_step, word=word, may_repeat=True)


def customer_not_asked(masked_cpf: str, error: ApiError) -> Verdict:
    """A CPF was typed that is not in our copy, and no platform could be asked."""
    reason = _("O CPF %(cpf)s não está na nossa cópia.") % {"cpf": masked_cpf}
    next_step = explain(type(error).__name__, error.reason)
    word = pgettext("customer", "Não encontrado")
    return make_verdict(Kind.REFUSED, reason, next_step, word=word, may_repeat=True)


def found_customer() -> Verdict:
    """A CPF was typed and leads to a customer."""
    return make_verdict(
        Kind.IDLE, _("Cliente encontrado."), _("Abrindo a página do cliente."), word=_("Cliente")
    )


def look_first(why: str) -> Verdict:
    """A voucher that is shown before it is used."""
    return make_verdict(
        Kind.LOOK, why, _("Nada foi validado ainda. Para validar: Enter, o botão ou ler de novo.")
    )


def below_minimum(amount: str, minimum: str) -> Verdict:
    """The sale that was typed is too small for the voucher."""
    values = {"amount": amount, "minimum": minimum}
    reason = _("A venda de %(amount)s está abaixo do valor mínimo de compra, de %(minimum)s.") % values
    return make_verdict(Kind.REFUSED, reason, _("Nada foi validado."), word=NOT_DONE, may_repeat=True)


def look_is_over() -> Verdict:
    """What was shown is too long ago to be used without another look."""
    reason = _("Passou tempo demais desde a conferência.")
    return make_verdict(Kind.REFUSED, reason, READ_AGAIN, word=NOT_DONE, may_repeat=True)


def unreadable_amount() -> Verdict:
    """The sale's amount cannot be read, so nobody knows whether it is enough."""
    reason = _("Não foi validado: escreva o valor da venda como 1.234,56.")
    return make_verdict(Kind.REFUSED, reason, READ_AGAIN, word=NOT_DONE, may_repeat=True)
