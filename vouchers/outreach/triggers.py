"""The twelve occasions a customer may be written to: what each is called, asks for and starts from. Data only.

Knows no rows. Source: `communication-and-rules.md` §2, the table of triggers; what is marked there as our
default can be changed per automation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Trigger(models.TextChoices):
    """The keys of the contract."""

    WELCOME = "welcome", _("Boas-vindas")
    POST_SALE = "post_sale", _("Pós-venda")
    BALANCE_AVAILABLE = "balance_available", _("Saldo disponível")
    POINTS_PROGRESS = "points_progress", _("Progresso de pontos")
    VOUCHER_ISSUED = "voucher_issued", _("Voucher emitido")
    VOUCHER_EXPIRING = "voucher_expiring", _("Voucher a vencer")
    REDEEMED = "redeemed", _("Resgate confirmado")
    BIRTHDAY = "birthday", _("Aniversário")
    INACTIVE = "inactive", _("Recuperação")
    RETURN_CALL = "return_call", _("Convite de retorno")
    NPS = "nps", _("Pesquisa de satisfação")
    CAMPAIGN = "campaign", _("Campanha")


class Action(models.TextChoices):
    """The one next step a message carries."""

    BALANCE = "balance", _("Ver o saldo")
    PORTAL = "portal", _("Abrir o portal do cliente")
    VOUCHER = "voucher", _("Usar o voucher")
    SURVEY = "survey", _("Responder à pesquisa")
    TALK = "talk", _("Falar com a loja")


class Language(models.TextChoices):
    """Languages of texts."""

    PT_BR = "pt-br", _("Português")
    EN = "en", _("Inglês")
    ES = "es", _("Espanhol")


@dataclass(frozen=True)
class Threshold:
    """A number a manager may set. `unit`: `money` (BRL), `percent`, `days`, or `days_list` (several days)."""

    label: Text
    unit: str
    default: Decimal | int | tuple[int, ...]
    minimum: int = 0
    maximum: int = 3650


@dataclass(frozen=True)
class TriggerSpec:
    """What one trigger starts from and what its texts may name."""

    trigger: Trigger
    #: When it happens, for a person.
    when: Text
    action: Action
    #: Placeholders beside those of every text (`COMMON`).
    placeholders: tuple[str, ...] = ()
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    #: Percent of the audience left out on purpose, to compare with.
    held_out: int = 0
    #: Sent by hand only: no automation.
    by_hand: bool = False
    #: Neither limited by one contact a day nor counted for it.
    any_time: bool = False
    #: How often the mirror is looked through.
    every: timedelta = timedelta(minutes=1)
    #: A message that could not leave for so long is dropped.
    keeps: timedelta = timedelta(days=3)


#: Placeholders of every text, and what they stand for.
PLACEHOLDERS: Mapping[str, Text] = {
    "nome": _("primeiro nome do cliente"),
    "programa": _("nome do programa"),
    "link": _("endereço do próximo passo"),
    "saldo": _("saldo de cashback"),
    "pontos": _("saldo de pontos"),
    "valor": _("valor da venda ou do voucher"),
    "ganho": _("cashback que a venda gerou"),
    "pontos_ganhos": _("pontos que a venda gerou"),
    "codigo": _("código do voucher"),
    "validade": _("último dia do voucher"),
    "recompensa": _("nome da recompensa"),
    "faltam": _("pontos que faltam"),
}
COMMON = ("nome", "programa", "link")
_BALANCES = ("saldo", "pontos")
_VOUCHER = ("codigo", "valor", "validade", "recompensa")
_HOURLY = timedelta(hours=1)


def _apart(days: int) -> Threshold:
    return Threshold(_("No máximo uma vez a cada (dias)"), "days", days, minimum=1)


SPECS: Mapping[Trigger, TriggerSpec] = {
    spec.trigger: spec
    for spec in (
        TriggerSpec(Trigger.WELCOME, _("Quando o cliente se cadastra"), Action.PORTAL, _BALANCES),
        TriggerSpec(
            Trigger.POST_SALE,
            _("Logo depois de uma venda"),
            Action.BALANCE,
            ("valor", "ganho", "pontos_ganhos", *_BALANCES),
        ),
        TriggerSpec(
            Trigger.BALANCE_AVAILABLE,
            _("Quando há cashback para usar"),
            Action.BALANCE,
            _BALANCES,
            {
                "minimum_balance": Threshold(
                    _("Saldo mínimo (R$)"), "money", Decimal("5.00"), maximum=1_000_000
                ),
                "days_apart": _apart(30),
            },
            held_out=10,
            every=_HOURLY,
        ),
        TriggerSpec(
            Trigger.POINTS_PROGRESS,
            _("Quando os pontos estão perto da recompensa mais barata"),
            Action.PORTAL,
            ("pontos", "faltam", "recompensa"),
            {
                "percent": Threshold(_("A partir de (% da recompensa mais barata)"), "percent", 80, 1, 99),
                "days_apart": _apart(30),
            },
            held_out=10,
            every=_HOURLY,
        ),
        TriggerSpec(
            Trigger.VOUCHER_ISSUED,
            _("Quando um voucher é emitido"),
            Action.VOUCHER,
            _VOUCHER,
            any_time=True,
        ),
        TriggerSpec(
            Trigger.VOUCHER_EXPIRING,
            _("Alguns dias antes de o voucher vencer"),
            Action.VOUCHER,
            _VOUCHER,
            {"days_before": Threshold(_("Dias antes do vencimento"), "days_list", (7, 1), maximum=90)},
            held_out=10,
            every=_HOURLY,
        ),
        TriggerSpec(
            Trigger.REDEEMED,
            _("Quando um voucher é usado"),
            Action.BALANCE,
            ("valor", "recompensa", *_BALANCES),
            any_time=True,
        ),
        TriggerSpec(
            Trigger.BIRTHDAY,
            _("No dia do aniversário; quem nasceu em 29/02, em 28/02"),
            Action.PORTAL,
            _BALANCES,
            held_out=10,
            every=_HOURLY,
            keeps=timedelta(days=1),
        ),
        TriggerSpec(
            Trigger.INACTIVE,
            _("Quando o cliente deixa de comprar"),
            Action.VOUCHER,
            (*_BALANCES, "codigo", "validade"),
            {
                "days_idle": Threshold(_("Dias sem comprar"), "days", 60, minimum=1),
                "days_apart": _apart(60),
            },
            held_out=10,
            every=_HOURLY,
        ),
        TriggerSpec(
            Trigger.RETURN_CALL,
            _("Enviado por uma pessoa"),
            Action.TALK,
            _BALANCES,
            held_out=10,
            by_hand=True,
            keeps=timedelta(days=30),
        ),
        TriggerSpec(
            Trigger.NPS,
            _("Alguns dias depois de uma compra"),
            Action.SURVEY,
            (),
            {
                "days_after": Threshold(_("Dias depois da compra"), "days", 3),
                "days_apart": _apart(90),
            },
            every=_HOURLY,
        ),
        TriggerSpec(
            Trigger.CAMPAIGN,
            _("Enviado por uma pessoa"),
            Action.PORTAL,
            _BALANCES,
            held_out=10,
            by_hand=True,
            keeps=timedelta(days=30),
        ),
    )
}


def spec_of(trigger: str) -> TriggerSpec:
    """The entry of a trigger. Raises `ValueError` for a word that is none."""
    return SPECS[Trigger(trigger)]


def allowed_placeholders(trigger: str) -> tuple[str, ...]:
    """What texts of this trigger may name."""
    return tuple(dict.fromkeys((*COMMON, *spec_of(trigger).placeholders)))


def automatic() -> list[Trigger]:
    """The triggers that act by themselves."""
    return [trigger for trigger, spec in SPECS.items() if not spec.by_hand]
