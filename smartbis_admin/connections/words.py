"""What a failed call is called in front of people: one sentence with the way out, for every screen."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_BY_CAUSE: dict[str, Promise] = {
    "name_lookup": _("O endereço da plataforma não foi encontrado. Confira o endereço da API na integração."),
    "refused": _(
        "A plataforma não aceitou a conexão. Confira o endereço da API ou tente de novo em instantes."
    ),
    "connect_timeout": _("A plataforma não respondeu à tentativa de conexão. Tente de novo em instantes."),
    "tls": _(
        "A conexão segura com a plataforma falhou (certificado). Confira o endereço da API na integração."
    ),
    "timeout": _("A plataforma demorou demais para responder. Tente de novo em instantes."),
    "broken": _("A conexão com a plataforma caiu no meio da resposta. Tente de novo em instantes."),
    "too_large": _(
        "A plataforma enviou uma resposta grande demais. Confira o endereço da API na integração."
    ),
    "server": _("A plataforma está com problemas. Tente de novo em instantes."),
    "not_json": _(
        "O endereço respondeu com uma página em vez de dados. Confira o endereço da API na integração."
    ),
    "cut": _("A resposta da plataforma veio vazia ou cortada. Tente de novo em instantes."),
    "unexpected": _(
        "A plataforma respondeu fora do formato esperado. Fale com o suporte e informe a referência."
    ),
    "plain_http": _("Só aceitamos endereços https. Corrija o endereço da API na integração."),
    "address": _("O endereço da API não é válido. Corrija o endereço na integração."),
    "redirect": _("O endereço da API redireciona para outro lugar. Use o endereço final na integração."),
    "not_found": _("Este endereço não fala a API da plataforma. Confira o endereço da API na integração."),
    "scope": _(
        "A chave não tem permissão para esta consulta. Crie na plataforma uma chave com mais permissões."
    ),
    "number": _(
        "A plataforma não conhece este número. Confira a identificação do número (phone_number_id) e o token."
    ),
    "credentials": _("A plataforma não aceitou as credenciais. Substitua as credenciais na integração."),
    "blocked": _(
        "A integração está parada porque a plataforma não aceitou as credenciais. Substitua as credenciais."
    ),
}
_LACKS_SCOPE = _(
    "A chave não tem a permissão %(scope)s. Crie na plataforma uma chave com essa permissão e substitua as "
    "credenciais na integração."
)
_BY_ERROR: dict[str, Promise] = {
    "Unreachable": _("Não foi possível falar com a plataforma. Tente de novo em instantes."),
    "RateLimited": _("A plataforma pediu para ir mais devagar. Tente de novo em instantes."),
    "NotAllowed": _("A plataforma não aceitou as credenciais. Substitua as credenciais na integração."),
    "Misconfigured": _("O endereço da API parece errado. Confira o endereço na integração."),
    "Malformed": _(
        "A plataforma respondeu fora do formato esperado. Fale com o suporte e informe a referência."
    ),
    "InDoubt": _("A resposta da plataforma se perdeu. Não repita: o resultado será confirmado."),
    "CursorExpired": _("A leitura parou há tempo demais; as vendas serão lidas de novo desde o começo."),
    "ProcessDied": _("O programa foi interrompido durante o envio. O resultado será confirmado."),
}
_OTHER = _("Algo deu errado. Fale com o suporte e informe a referência.")


def explain(error: str, cause: str = "") -> str:
    """The sentence for the class name of an `ApiError` and its one-word cause."""
    if error == "InDoubt":
        # Whatever the cause: what counts is that it must not be repeated.
        return str(_BY_ERROR[error])
    word, _colon, scope = cause.partition(":")
    if word == "scope" and scope:
        return str(_LACKS_SCOPE) % {"scope": scope}
    return str(_BY_CAUSE.get(cause) or _BY_ERROR.get(error) or _OTHER)
