"""What the demo shop offers: rewards, points products, tiers, ways to earn. Pure data."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Prize:
    """A reward as the merchant drew it up; sold for `price` points, or by `slider` (step, value, min, max)."""

    name: str
    prefix: str
    price: int | None = None
    slider: tuple[int, int, int, int | None] | None = None
    description: str | None = None
    instructions: str | None = None
    terms: str | None = None
    days: int | None = 90
    tracked: bool = True
    posted: bool = False


_ONLINE = "Digite o código ao fechar o pedido na loja virtual."
PRIZES = (
    Prize("Frete grátis", "frete", 300, instructions=_ONLINE, terms="Válido para fretes de até R$ 30,00."),
    Prize("R$ 10 de desconto", "desconto", 500, instructions=_ONLINE, terms="Pedidos acima de R$ 50,00."),
    Prize("R$ 25 de desconto", "desconto", 1_200, instructions=_ONLINE, terms="Pedidos acima de R$ 100,00."),
    Prize(
        "Café em grãos 250 g", "cafe", 650, description="Torra média, colheita do ano.", instructions=_ONLINE
    ),
    Prize(
        "Caneca da casa",
        "caneca",
        800,
        description="Caneca de cerâmica, 300 ml.",
        instructions="Enviamos para o endereço do seu cadastro.",
        days=None,
        tracked=False,
        posted=True,
    ),
    Prize("Ecobag", "ecobag", 400, description="Sacola de algodão cru.", days=None, tracked=False),
    Prize("Desconto à sua escolha", "vale", slider=(100, 2, 100, 5_000), instructions=_ONLINE),
    Prize("Vale-presente", "presente", slider=(50, 1, 200, None), instructions=_ONLINE, days=180),
    Prize("Cupom de boas-vindas", "ola", instructions=_ONLINE, terms="Na primeira compra.", days=30),
    Prize("Cupom por indicação", "amigo", instructions=_ONLINE, days=60),
    Prize("Brinde do nível Ouro", "ouro", days=None, tracked=False),
)
WELCOME, REFERRED, GOLD = 8, 9, 10


@dataclass(frozen=True)
class Level:
    """A tier of the programme; points earned in a calendar year reach it."""

    name: str
    milestone: int
    perks: tuple[str, ...] = ()
    entry: tuple[int, ...] = ()


LEVELS = (
    Level("Bronze", 0, ("Ofertas por e-mail",)),
    Level("Prata", 500, ("Ofertas por e-mail", "Frete grátis no aniversário")),
    Level("Ouro", 1_500, ("Pontos em dobro no aniversário", "Acesso antecipado"), (GOLD,)),
    Level("Diamante", 4_000, ("Pontos em dobro", "Acesso antecipado", "Atendimento exclusivo"), (GOLD,)),
)


def _fixed(value: int) -> dict[str, Any]:
    return {"type": "fixed", "fixed": {"value": value}}


ONCE = {"max": 1, "type": "lifetime"}
#: Name, what it gives, limit, the levels (by place) it is for, whether it is enabled.
RULES: tuple[tuple[str, dict[str, Any], dict[str, Any] | None, tuple[int, ...], bool], ...] = (
    (
        "Compre na loja virtual",
        {"type": "variable", "variable": {"value": 1, "per_amount": 1}},
        None,
        (),
        True,
    ),
    ("Crie sua conta", _fixed(100), ONCE, (), True),
    (
        "Faça aniversário",
        _fixed(200),
        {"max": 1, "type": "rolling", "rolling": {"unit": "day", "unit_count": 365}},
        (),
        True,
    ),
    ("Siga a loja no Instagram", _fixed(50), ONCE, (), True),
    (
        "Avalie um produto",
        _fixed(30),
        {"max": 2, "type": "rolling", "rolling": {"unit": "day", "unit_count": 1}},
        (2, 3),
        True,
    ),
    ("Compartilhe no Facebook", _fixed(20), ONCE, (), False),
)
