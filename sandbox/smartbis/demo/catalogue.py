"""Categories and coupons of the demo merchant, a café with a bakery and a shop. Pure data.

Prices in points; `starts` and `ends` in days from today; stock is what is left today (None = unlimited).
"""

from dataclasses import dataclass

CATEGORIES = (
    "Bebidas",
    "Padaria",
    "Doces e sobremesas",
    "Lanches",
    "Empório",
    "Presentes",
    "Clube de benefícios",
)


@dataclass(frozen=True)
class Offer:
    """One coupon as the merchant drew it up."""

    name: str
    category: str | None
    description: str
    points: int | None = None
    stock: int | None = None
    limit: int | None = None
    starts: int | None = None
    ends: int | None = None
    rules: str | None = None
    paused: bool = False


OFFERS = (
    Offer("Café grátis", "Bebidas", "Um café coado.", 80, 140, 4, rules="Um por visita."),
    Offer("Cappuccino", "Bebidas", "Cappuccino médio, quente ou gelado.", 140, 62),
    Offer("Suco natural", "Bebidas", "Suco do dia, 300 ml.", 120, 35, ends=45),
    Offer(
        "Chá gelado da casa", "Bebidas", "Chá gelado com limão.", 90, 0, rules="Sujeito a disponibilidade."
    ),
    Offer("Chocolate quente", "Bebidas", "Receita de inverno.", 150, 40, starts=-220, ends=-75),
    Offer("Pão de queijo", "Padaria", "Porção com cinco unidades.", 70),
    Offer("Pão na chapa", "Padaria", "Pão francês na chapa com manteiga.", 50, rules="Até as 11h."),
    Offer("Croissant de manteiga", "Padaria", "Assado na hora.", 110, 18),
    Offer("Pão artesanal", "Padaria", "Fermentação natural, 500 g.", 260, 9, 2),
    Offer("Brigadeiro gourmet", "Doces e sobremesas", "Duas unidades à escolha.", 60, 210),
    Offer("Fatia de bolo", "Doces e sobremesas", "Bolo do dia.", 160, 24),
    Offer("Pudim de leite", "Doces e sobremesas", "Fatia generosa.", 150, 3),
    Offer(
        "Bolo de aniversário",
        "Doces e sobremesas",
        "Bolo de 1 kg, sob encomenda.",
        1200,
        5,
        1,
        rules="Com 48 h.",
    ),
    Offer(
        "Panetone artesanal", "Doces e sobremesas", "Panetone de 500 g.", 520, 0, 1, starts=-380, ends=-320
    ),
    Offer("Sanduíche natural", "Lanches", "Frango, ricota ou atum.", 240, 30),
    Offer("Misto-quente", "Lanches", "Presunto e queijo no pão de forma.", 180),
    Offer(
        "Combo café da manhã",
        "Lanches",
        "Café, suco e pão na chapa.",
        300,
        45,
        2,
        ends=20,
        rules="Dias úteis.",
    ),
    Offer("Café em grãos 250 g", "Empório", "Torra média, colheita do ano.", 450, 27),
    Offer("Geleia artesanal", "Empório", "Vidro de 230 g.", 280, 14, paused=True),
    Offer(
        "Vale-compra de R$ 20",
        "Presentes",
        "Desconto de R$ 20 na próxima compra.",
        600,
        rules="Acima de R$ 50.",
    ),
    Offer("Caneca da casa", "Presentes", "Caneca de cerâmica, 300 ml.", 700, 11, 1),
    Offer("Ecobag", "Presentes", "Sacola de algodão cru.", 380, 2, 1, paused=True),
    Offer("Bebida de aniversariante", "Clube de benefícios", "Uma bebida no mês do aniversário.", limit=1),
    Offer(
        "Prova de novos sabores",
        "Clube de benefícios",
        "Para participantes do clube.",
        stock=50,
        starts=7,
        ends=37,
    ),
    Offer("Brinde surpresa", None, "Escolha da loja.", 40, 75, 1),
)
