"""The templates a shop had approved: one per occasion and language, numbered parameters in the text. Pure data.

The parameters are the facts of the occasion in the order in which the text names them: who, what, until when,
where it goes on.
"""

#: Texts by name; Portuguese, English, Spanish.
LANGUAGES = ("pt_BR", "en", "es")
MARKETING = frozenset({"birthday", "inactive", "return_call", "campaign"})
BODIES = {
    "welcome": (
        "Olá, {{1}}! Agora você participa do {{2}}. Veja em {{3}} como funciona.",
        "Hello, {{1}}! You have joined {{2}}. See at {{3}} how it works.",
        "¡Hola, {{1}}! Ya participas en {{2}}. Mira en {{3}} cómo funciona.",
    ),
    "post_sale": (
        "{{1}}, obrigado pela compra de {{2}}. Veja em {{3}} o seu saldo no {{4}}.",
        "{{1}}, thank you for your purchase of {{2}}. See at {{3}} your balance in {{4}}.",
        "{{1}}, gracias por tu compra de {{2}}. Mira en {{3}} tu saldo en {{4}}.",
    ),
    "balance_available": (
        "{{1}}, você tem {{2}} de cashback para a próxima compra. Veja em {{3}} o seu saldo.",
        "{{1}}, you have {{2}} of cashback for your next purchase. See at {{3}} your balance.",
        "{{1}}, tienes {{2}} de cashback para tu próxima compra. Mira en {{3}} tu saldo.",
    ),
    "points_progress": (
        "{{1}}, faltam {{2}} pontos para {{3}}. Veja em {{4}} como chegar lá.",
        "{{1}}, {{2}} points are missing for {{3}}. See at {{4}} how to get there.",
        "{{1}}, te faltan {{2}} puntos para {{3}}. Mira en {{4}} cómo lograrlo.",
    ),
    "voucher_issued": (
        "{{1}}, seu voucher chegou. Mostre o código {{2}} na loja até {{3}}.",
        "{{1}}, your voucher is here. Show the code {{2}} in the store until {{3}}.",
        "{{1}}, tu vale llegó. Muestra el código {{2}} en la tienda hasta el {{3}}.",
    ),
    "voucher_expiring": (
        "{{1}}, seu voucher {{2}} vence em {{3}}. Mostre o código na loja antes disso.",
        "{{1}}, your voucher {{2}} expires on {{3}}. Show the code in the store before then.",
        "{{1}}, tu vale {{2}} vence el {{3}}. Muestra el código en la tienda antes.",
    ),
    "redeemed": (
        "{{1}}, o resgate do seu voucher foi confirmado. Veja em {{2}} o seu saldo no {{3}}.",
        "{{1}}, the redemption of your voucher is confirmed. See at {{2}} your balance in {{3}}.",
        "{{1}}, el canje de tu vale está confirmado. Mira en {{2}} tu saldo en {{3}}.",
    ),
    "birthday": (
        "Feliz aniversário, {{1}}! O {{2}} deseja um ótimo dia. Seu portal está em {{3}} à sua espera.",
        "Happy birthday, {{1}}! {{2}} wishes you a great day. Your portal at {{3}} waits for you.",
        "¡Feliz cumpleaños, {{1}}! {{2}} te desea un gran día. Tu portal te espera en {{3}} cuando quieras.",
    ),
    "inactive": (
        "{{1}}, sentimos sua falta. Veja em {{2}} os seus vouchers e volte quando quiser.",
        "{{1}}, we miss you. See at {{2}} your vouchers and come back whenever you like.",
        "{{1}}, te extrañamos. Mira en {{2}} tus vales y vuelve cuando quieras.",
    ),
    "return_call": (
        "{{1}}, gostaríamos de ver você de novo. Fale em {{2}} com a loja.",
        "{{1}}, we would like to see you again. Talk at {{2}} to the store.",
        "{{1}}, nos gustaría verte de nuevo. Habla en {{2}} con la tienda.",
    ),
    "nps": (
        "{{1}}, de 0 a 10, quanto você recomendaria a nossa loja? Responda em {{2}} com um toque.",
        "{{1}}, from 0 to 10, how likely are you to recommend our store? Answer at {{2}} with one touch.",
        "{{1}}, del 0 al 10, ¿qué tanto recomendarías nuestra tienda? Responde en {{2}} con un toque.",
    ),
    "campaign": (
        "{{1}}, há uma novidade para você no {{2}}. Veja em {{3}} do que se trata.",
        "{{1}}, there is something new for you in {{2}}. See at {{3}} what it is.",
        "{{1}}, hay una novedad para ti en {{2}}. Mira en {{3}} de qué se trata.",
    ),
}


def rows() -> list[tuple[str, str, str, str]]:
    """Every template: name, language, category, body."""
    return [
        (name, language, "MARKETING" if name in MARKETING else "UTILITY", body)
        for name, bodies in BODIES.items()
        for language, body in zip(LANGUAGES, bodies, strict=True)
    ]
