"""The texts we propose, for each trigger in each language. Data only: terms are those of the glossary.

They are what customers read, in the customer's language, and so are no messages of our own screens.
"""

from collections.abc import Mapping

from vouchers.outreach.triggers import Action, Language, Trigger

Words = Mapping[Language, str]


def _in(pt: str, en: str, es: str) -> Words:
    return {Language.PT_BR: pt, Language.EN: en, Language.ES: es}


SUBJECTS: Mapping[Trigger, Words] = {
    Trigger.WELCOME: _in("Boas-vindas, {nome}", "Welcome, {nome}", "Te damos la bienvenida, {nome}"),
    Trigger.POST_SALE: _in(
        "Obrigado pela compra, {nome}", "Thank you for your purchase, {nome}", "Gracias por tu compra, {nome}"
    ),
    Trigger.BALANCE_AVAILABLE: _in(
        "Você tem {saldo} de cashback", "You have {saldo} of cashback", "Tienes {saldo} de cashback"
    ),
    Trigger.POINTS_PROGRESS: _in(
        "Falta pouco, {nome}", "You are almost there, {nome}", "Te falta poco, {nome}"
    ),
    Trigger.VOUCHER_ISSUED: _in("Seu voucher chegou", "Your voucher is here", "Tu vale llegó"),
    Trigger.VOUCHER_EXPIRING: _in(
        "Seu voucher vence em {validade}", "Your voucher expires on {validade}", "Tu vale vence el {validade}"
    ),
    Trigger.REDEEMED: _in("Resgate confirmado", "Redemption confirmed", "Canje confirmado"),
    Trigger.BIRTHDAY: _in("Feliz aniversário, {nome}", "Happy birthday, {nome}", "Feliz cumpleaños, {nome}"),
    Trigger.INACTIVE: _in("Sentimos sua falta, {nome}", "We miss you, {nome}", "Te extrañamos, {nome}"),
    Trigger.RETURN_CALL: _in("Vamos conversar, {nome}?", "Shall we talk, {nome}?", "¿Hablamos, {nome}?"),
    Trigger.NPS: _in("O que achou da sua compra?", "How was your purchase?", "¿Qué te pareció tu compra?"),
    Trigger.CAMPAIGN: _in("Novidade do {programa}", "News from {programa}", "Novedad de {programa}"),
}

BODIES: Mapping[Trigger, Words] = {
    Trigger.WELCOME: _in(
        "Olá, {nome}! Agora você participa do {programa}. Veja em {link} como funciona.",
        "Hello, {nome}! You have joined {programa}. See at {link} how it works.",
        "¡Hola, {nome}! Ya participas en {programa}. Mira en {link} cómo funciona.",
    ),
    Trigger.POST_SALE: _in(
        "{nome}, obrigado pela compra de {valor}. Veja em {link} o seu saldo no {programa}.",
        "{nome}, thank you for your purchase of {valor}. See at {link} your balance in {programa}.",
        "{nome}, gracias por tu compra de {valor}. Mira en {link} tu saldo en {programa}.",
    ),
    Trigger.BALANCE_AVAILABLE: _in(
        "{nome}, você tem {saldo} de cashback para a próxima compra. Veja em {link} o seu saldo.",
        "{nome}, you have {saldo} of cashback for your next purchase. See at {link} your balance.",
        "{nome}, tienes {saldo} de cashback para tu próxima compra. Mira en {link} tu saldo.",
    ),
    Trigger.POINTS_PROGRESS: _in(
        "{nome}, faltam {faltam} pontos para {recompensa}. Veja em {link} como chegar lá.",
        "{nome}, {faltam} points are missing for {recompensa}. See at {link} how to get there.",
        "{nome}, te faltan {faltam} puntos para {recompensa}. Mira en {link} cómo lograrlo.",
    ),
    Trigger.VOUCHER_ISSUED: _in(
        "{nome}, seu voucher chegou. Mostre o código {codigo} na loja até {validade}.",
        "{nome}, your voucher is here. Show the code {codigo} in the store until {validade}.",
        "{nome}, tu vale llegó. Muestra el código {codigo} en la tienda hasta el {validade}.",
    ),
    Trigger.VOUCHER_EXPIRING: _in(
        "{nome}, seu voucher {codigo} vence em {validade}. Mostre o código na loja antes disso.",
        "{nome}, your voucher {codigo} expires on {validade}. Show the code in the store before then.",
        "{nome}, tu vale {codigo} vence el {validade}. Muestra el código en la tienda antes.",
    ),
    Trigger.REDEEMED: _in(
        "{nome}, o resgate do seu voucher foi confirmado. Veja em {link} o seu saldo no {programa}.",
        "{nome}, the redemption of your voucher is confirmed. See at {link} your balance in {programa}.",
        "{nome}, el canje de tu vale está confirmado. Mira en {link} tu saldo en {programa}.",
    ),
    Trigger.BIRTHDAY: _in(
        "Feliz aniversário, {nome}! O {programa} deseja um ótimo dia. Seu portal está em {link} à sua espera.",
        "Happy birthday, {nome}! {programa} wishes you a great day. Your portal at {link} waits for you.",
        "¡Feliz cumpleaños, {nome}! {programa} te desea un gran día. Tu portal te espera en {link} cuando quieras.",
    ),
    Trigger.INACTIVE: _in(
        "{nome}, sentimos sua falta. Veja em {link} os seus vouchers e volte quando quiser.",
        "{nome}, we miss you. See at {link} your vouchers and come back whenever you like.",
        "{nome}, te extrañamos. Mira en {link} tus vales y vuelve cuando quieras.",
    ),
    Trigger.RETURN_CALL: _in(
        "{nome}, gostaríamos de ver você de novo. Fale em {link} com a loja.",
        "{nome}, we would like to see you again. Talk at {link} to the store.",
        "{nome}, nos gustaría verte de nuevo. Habla en {link} con la tienda.",
    ),
    Trigger.NPS: _in(
        "{nome}, de 0 a 10, quanto você recomendaria a nossa loja? Responda em {link} com um toque.",
        "{nome}, from 0 to 10, how likely are you to recommend our store? Answer at {link} with one touch.",
        "{nome}, del 0 al 10, ¿qué tanto recomendarías nuestra tienda? Responde en {link} con un toque.",
    ),
    Trigger.CAMPAIGN: _in(
        "{nome}, há uma novidade para você no {programa}. Veja em {link} do que se trata.",
        "{nome}, there is something new for you in {programa}. See at {link} what it is.",
        "{nome}, hay una novedad para ti en {programa}. Mira en {link} de qué se trata.",
    ),
}

#: The words of the one next step.
LABELS: Mapping[Action, Words] = {
    Action.BALANCE: _in("Ver meu saldo", "See my balance", "Ver mi saldo"),
    Action.PORTAL: _in("Abrir o portal", "Open the portal", "Abrir el portal"),
    Action.VOUCHER: _in("Usar o voucher", "Use the voucher", "Usar el vale"),
    Action.SURVEY: _in("Responder", "Answer", "Responder"),
    Action.TALK: _in("Falar com a loja", "Talk to the store", "Hablar con la tienda"),
}

#: Below an e-mail: why it came and how to end it. `{programa}` and `{sair}` (an address) are filled in.
FOOTERS: Words = _in(
    "Você recebe este e-mail do {programa} porque autorizou. Para não receber mais: {sair}",
    "You receive this e-mail from {programa} because you agreed to. To stop receiving it: {sair}",
    "Recibes este correo de {programa} porque lo autorizaste. Para no recibir más: {sair}",
)
