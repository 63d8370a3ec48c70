"""What Smartbis says no with: one exception, the codes and the texts. Knows no wire profile.

Source: contract smartbis-v2 §3, status codes. The texts are for a person and are never parsed.
"""

from collections.abc import Mapping


class Refused(Exception):
    """A call that is answered with a refusal; `errors` are texts by request key, `used_at` is in seconds."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        errors: Mapping[str, str] | None = None,
        used_at: int | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.errors = dict(errors or {})
        self.used_at = used_at
        self.headers = headers


def invalid(errors: Mapping[str, str], code: str = "validation_failed") -> Refused:
    """422 for fields that are refused."""
    return Refused(422, code, "Os dados informados são inválidos.", errors=errors)


def unauthenticated() -> Refused:
    """401 for a missing, wrong or expired token."""
    return Refused(401, "token_expired", "Não autenticado.", headers=(("WWW-Authenticate", "Bearer"),))


def wrong_pair() -> Refused:
    """401 of the token call."""
    return Refused(401, "invalid_credentials", "Credenciais inválidas.")


def too_many_requests() -> Refused:
    """429; the wait is one second."""
    return Refused(429, "too_many_requests", "Muitas requisições.", headers=(("Retry-After", "1"),))


def server_error() -> Refused:
    """500 as a JSON error."""
    return Refused(500, "server_error", "Erro interno do servidor.")


def coupon_not_found() -> Refused:
    """404 for a coupon id nobody has."""
    return Refused(404, "coupon_not_found", "Cupom não encontrado.")


def voucher_not_found() -> Refused:
    """404 for a code nobody has."""
    return Refused(404, "voucher_not_found", "Voucher não encontrado.")


def customer_not_found(key: str) -> Refused:
    """422 for a customer nobody knows by what stands under `key`."""
    return invalid({key: "Cliente não encontrado."}, "customer_not_found")


def duplicate_cpf() -> Refused:
    """422 for a CPF that is taken."""
    return invalid({"cpf": "Este CPF já está cadastrado."}, "customer_duplicate_cpf")


def duplicate_category() -> Refused:
    """422 for a category name that is taken, without regard to case."""
    return invalid({"name": "Já existe uma categoria com este nome."}, "category_duplicate_name")


def voucher_refused(word: str, used_at: int | None = None) -> Refused:
    """422 of the validation; `word` is `used`, `cancelled`, `expired` or `not_started`."""
    message = {
        "used": "Voucher já utilizado.",
        "cancelled": "Voucher cancelado.",
        "expired": "Voucher vencido.",
        "not_started": "Voucher ainda não está válido.",
    }[word]
    return Refused(422, f"voucher_{word}", message, used_at=used_at)
