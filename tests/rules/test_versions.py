"""Versions and campaigns as the owner keeps them: dated, never rewritten, and what they say in plain language."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.utils import timezone, translation

from customers.rules import words
from customers.rules.models import TERMS, Campaign, RuleVersion
from customers.rules.services import (
    CONDITIONS,
    RuleRefusedError,
    campaign_categories,
    cancel_version,
    current_version,
    end_campaign,
    enter_version,
    save_campaign,
)
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User

Make = Callable[..., Any]


def terms(**changes: Any) -> dict[str, Any]:
    """A whole rule: 5 %, one point per real, and these changes."""
    plain = {name: RuleVersion._meta.get_field(name).get_default() for name in TERMS}
    return plain | {"cashback_percent": Decimal(5), "points_per_brl": Decimal(1)} | changes


def refused(reason: str) -> Any:
    return pytest.raises(RuleRefusedError, match=f"^{reason}$")


# --- Versions ---------------------------------------------------------------------------------------------
def test_the_first_version_may_begin_in_the_past_and_no_other(
    plain_connection: Connection, owner: User
) -> None:
    past = timezone.now() - timedelta(days=30)
    first = enter_version(connection=plain_connection, terms=terms(), by=owner, valid_from=past)
    assert current_version(plain_connection) == first
    with refused("past"):
        enter_version(
            connection=plain_connection,
            terms=terms(cashback_percent=Decimal(6)),
            by=owner,
            valid_from=past + timedelta(days=1),
        )
    assert RuleVersion.objects.count() == 1


def test_a_version_waits_for_its_moment(plain_connection: Connection, owner: User, time_machine: Any) -> None:
    first = enter_version(connection=plain_connection, terms=terms(), by=owner)
    moment = timezone.now() + timedelta(days=2)
    second = enter_version(
        connection=plain_connection, terms=terms(cashback_percent=Decimal(7)), by=owner, valid_from=moment
    )
    assert second is not None
    assert (current_version(plain_connection), second.is_future) == (first, True)
    time_machine.move_to(moment + timedelta(seconds=1))
    assert (current_version(plain_connection), second.is_future) == (second, False)


def test_what_the_rule_says_already_is_no_version(plain_connection: Connection, owner: User) -> None:
    assert enter_version(connection=plain_connection, terms=terms(), by=owner)
    assert enter_version(connection=plain_connection, terms=terms(), by=owner) is None
    later = timezone.now() + timedelta(days=1)
    assert enter_version(connection=plain_connection, terms=terms(), by=owner, valid_from=later) is None
    assert enter_version(
        connection=plain_connection, terms=terms(excluded_methods=["pix"]), by=owner, valid_from=later
    )
    assert [event.action for event in AuditEvent.objects.all()] == ["rule.changed"] * 2


def test_two_versions_cannot_begin_at_one_moment(plain_connection: Connection, owner: User) -> None:
    later = timezone.now() + timedelta(days=1)
    first = enter_version(connection=plain_connection, terms=terms(), by=owner, valid_from=later)
    assert first is not None
    change = terms(cashback_percent=Decimal(9))
    with refused("same_moment"):
        enter_version(connection=plain_connection, terms=change, by=owner, valid_from=later)
    assert AuditEvent.objects.count() == 1
    cancel_version(version=first, by=owner)
    assert enter_version(connection=plain_connection, terms=change, by=owner, valid_from=later)


def test_only_a_version_that_has_not_begun_can_be_cancelled(
    plain_connection: Connection, owner: User, time_machine: Any
) -> None:
    moment = timezone.now() + timedelta(days=2)
    version = enter_version(connection=plain_connection, terms=terms(), by=owner, valid_from=moment)
    assert version is not None
    time_machine.move_to(moment)
    with refused("in_force"):
        cancel_version(version=version, by=owner)
    version.refresh_from_db()
    assert version.cancelled_at is None
    time_machine.move_to(moment - timedelta(seconds=1))
    cancel_version(version=version, by=owner)
    with refused("in_force"):
        cancel_version(version=version, by=owner)
    version.refresh_from_db()
    assert (version.cancelled_by, current_version(plain_connection)) == (owner, None)
    assert [event.action for event in AuditEvent.objects.order_by("pk")] == ["rule.changed", "rule.cancelled"]


# --- Campaigns --------------------------------------------------------------------------------------------
def conditions(**changes: Any) -> dict[str, Any]:
    """A whole campaign: double points today, and these changes."""
    today = timezone.localdate()
    plain = {name: Campaign._meta.get_field(name).get_default() for name in CONDITIONS}
    named = {"name": "Dobro", "first_day": today, "last_day": today, "points_multiplier": Decimal(2)}
    return plain | {"category": "", "from_time": None, "until_time": None} | named | changes


def test_a_campaign_can_be_changed_until_it_begins(plain_connection: Connection, owner: User) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    values = conditions(first_day=tomorrow, last_day=tomorrow)
    campaign = save_campaign(connection=plain_connection, values=values, by=owner)
    assert campaign.stage == Campaign.Stage.WAITING
    today = conditions(name="Hoje", last_day=tomorrow)
    save_campaign(connection=plain_connection, values=today, by=owner, campaign=campaign)
    campaign.refresh_from_db()
    assert (campaign.name, campaign.stage) == ("Hoje", Campaign.Stage.RUNNING)
    with refused("begun"):
        save_campaign(connection=plain_connection, values=values, by=owner, campaign=campaign)
    campaign.refresh_from_db()
    assert campaign.name == "Hoje"
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["campaign.created", "campaign.changed"]


def test_a_campaign_is_ended_once(plain_connection: Connection, owner: User) -> None:
    campaign = save_campaign(connection=plain_connection, values=conditions(category="Padaria"), by=owner)
    assert campaign_categories(plain_connection) == ["Padaria"]
    end_campaign(campaign=campaign, by=owner)
    campaign.refresh_from_db()
    assert (campaign.stage, campaign.ended_by) == (Campaign.Stage.OVER, owner)
    assert campaign_categories(plain_connection) == []
    ended_at = campaign.ended_at
    for act in (
        lambda: end_campaign(campaign=campaign, by=owner),
        lambda: save_campaign(connection=plain_connection, values=conditions(), by=owner, campaign=campaign),
    ):
        with pytest.raises(RuleRefusedError):
            act()
    campaign.refresh_from_db()
    assert campaign.ended_at == ended_at


# --- In plain language ------------------------------------------------------------------------------------
def test_a_rule_says_what_it_says() -> None:
    rule = RuleVersion(
        cashback_percent=Decimal("5"),
        points_per_brl=Decimal("0.1"),
        minimum_to_earn=Decimal(10),
        voucher_threshold=Decimal(20),
        voucher_validity_days=90,
        voucher_minimum_purchase=Decimal(50),
        excluded_stores=[1, 9],
        excluded_methods=["pix", "voucher"],
        first_day=date(2026, 3, 1),
        last_day=date(2026, 3, 31),
    )
    assert [text.replace("\xa0", " ") for text in words.sentences(rule, {1: "Loja Centro"})] == [
        "A venda devolve 5 % em cashback: R$ 100,00 dão R$ 5,00.",
        "Cada R$ 1,00 vale 0,1 ponto; R$ 100,00 dão 10 pontos.",
        "Vendas abaixo de R$ 10,00 não acumulam nada.",
        "Quando o saldo de cashback chega a R$ 20,00, a plataforma emite um voucher com o saldo inteiro.",
        "O voucher vale por 90 dias depois da emissão, até o fim do último dia.",
        "O voucher só pode ser usado em compras a partir de R$ 50,00.",
        "Não acumulam as vendas destas lojas: Loja Centro, loja 9.",
        "Não acumulam as vendas pagas assim: Pix, Vale.",
        "Só acumulam as vendas de 01/03/2026 a 31/03/2026.",
    ]
    assert [text.replace("\xa0", " ") for text in words.sentences(RuleVersion(points_per_brl=2), {})] == [
        "A venda não dá cashback.",
        "Cada R$ 1,00 vale 2 pontos; R$ 100,00 dão 200 pontos.",
        "Vendas de qualquer valor acumulam.",
        "Nenhum voucher é emitido sozinho.",
    ]


def test_a_campaign_says_when_and_for_what() -> None:
    campaign = Campaign(
        first_day=date(2026, 3, 1),
        last_day=date(2026, 3, 31),
        weekdays=[1, 5],
        from_time=time(18),
        until_time=time(22, 30),
        stores=[1],
        machines=["M-1", "M-2"],
        category="Padaria",
        cashback_multiplier=Decimal("1.5"),
        points_multiplier=Decimal(2),
        stacks=True,
    )
    assert words.campaign_sentences(campaign, {1: "Loja Centro"}) == [
        "O cashback vale 1,5 vezes.",
        "Os pontos valem 2 vezes.",
        "Vale de 01/03/2026 a 31/03/2026.",
        "Só nestes dias: terça-feira, sábado.",
        "Só das 18:00 às 22:30.",
        "Só nestas lojas: Loja Centro.",
        "Só nestas maquininhas: M-1, M-2.",
        "Só em vendas da categoria Padaria.",
        "Multiplica-se com outras campanhas que também se multiplicam.",
    ]


def test_every_difference_is_one_sentence() -> None:
    before, after = RuleVersion(), RuleVersion()
    changes: dict[str, tuple[Any, Any]] = {
        "cashback_percent": (Decimal(5), Decimal("7.5")),
        "points_per_brl": (Decimal(1), Decimal("0.1")),
        "minimum_to_earn": (Decimal(0), Decimal(10)),
        "voucher_threshold": (None, Decimal(20)),
        "voucher_validity_days": (None, 90),
        "voucher_minimum_purchase": (None, Decimal(50)),
        "excluded_stores": ([], [1]),
        "excluded_methods": (["pix"], []),
        "first_day": (None, date(2026, 3, 1)),
        "last_day": (date(2026, 3, 1), None),
    }
    for name, (old, new) in changes.items():
        setattr(before, name, old)
        setattr(after, name, new)
    told = [text.replace("\xa0", " ") for text in words.differences(before, after, {1: "Loja Centro"})]
    assert told == [
        "Percentual de cashback: de 5 % para 7,5 %.",
        "Pontos por real: de 1 para 0,1.",
        "Valor mínimo para acumular: de qualquer valor para R$ 10,00.",
        "Saldo que gera voucher: de nunca para R$ 20,00.",
        "Validade do voucher (dias): de não informada para 90.",
        "Valor mínimo de compra do voucher: de qualquer valor para R$ 50,00.",
        "Lojas que não acumulam: de nenhuma para Loja Centro.",
        "Formas de pagamento que não acumulam: de Pix para nenhuma.",
        "Acumula desde: de sempre para 01/03/2026.",
        "Acumula até: de 01/03/2026 para sempre.",
    ]
    assert words.differences(after, after, {}) == []


def test_every_refusal_and_reason_has_its_words() -> None:
    with translation.override("pt-br"):
        assert set(words.REFUSALS) == {"past", "same_moment", "in_force", "begun", "over"}
        assert set(words.INELIGIBLE) == {
            "store_excluded", "method_excluded", "below_minimum", "outside_period",
        }  # fmt: skip


# --- Taken over -------------------------------------------------------------------------------------------
class Rows(list[Any]):
    """Rows of a table that is gone, as far as the step asks for them."""

    def select_related(self, *names: str) -> "Rows":
        return self

    def order_by(self, *names: str) -> "Rows":
        return Rows(sorted(self, key=lambda row: tuple(getattr(row, name) for name in names)))

    def filter(self, **wanted: Any) -> "Rows":
        return Rows(row for row in self if all(getattr(row, name) == value for name, value in wanted.items()))


def test_what_the_rule_said_before_becomes_versions(plain_connection: Connection, owner: User) -> None:
    zone = ZoneInfo("America/Sao_Paulo")
    began = datetime(2026, 1, 1, tzinfo=zone)
    Connection.objects.update(created_at=began)
    plain_connection.refresh_from_db()
    quiet = Connection.objects.create(name="Outra", base_url="https://api.invalid/v2/")
    now = {"cashback_percent": Decimal("7.5"), "points_per_brl": Decimal("0.125"),
           "minimum_to_earn": Decimal(10), "voucher_threshold": None}  # fmt: skip
    rules = [
        SimpleNamespace(pk=1, connection=plain_connection, connection_id=plain_connection.pk, **now),
        SimpleNamespace(pk=2, connection=quiet, connection_id=quiet.pk, **now),
    ]
    first, second = datetime(2026, 2, 1, tzinfo=zone), datetime(2026, 2, 1, 0, 0, 1, tzinfo=zone)
    text = {name: None if value is None else str(value) for name, value in now.items()}
    changes = [
        SimpleNamespace(pk=1, at=first, by_id=None, connection=plain_connection.pk,
                        values=text | {"cashback_percent": "3", "voucher_threshold": "20"}),
        SimpleNamespace(pk=2, at=first, by_id=owner.pk, connection=plain_connection.pk,
                        values=text | {"cashback_percent": "4"}),
        SimpleNamespace(pk=3, at=second, by_id=owner.pk, connection=plain_connection.pk, values=text),
    ]  # fmt: skip
    gone = {"ProgrammeRule": Rows(rules), "RuleChange": Rows(changes)}

    def get_model(app: str, name: str) -> Any:
        return SimpleNamespace(objects=gone[name]) if name in gone else apps.get_model(app, name)

    step = import_module("customers.rules.migrations.0002_take_over")
    step.take_over(SimpleNamespace(get_model=get_model), None)
    kept = RuleVersion.objects.filter(connection=plain_connection).order_by("valid_from")
    assert [
        (row.valid_from, row.created_at, row.created_by, row.cashback_percent, row.voucher_threshold)
        for row in kept
    ] == [
        (began, first, None, 3, 20),
        (first, first, owner, 4, None),
        (second, second, owner, Decimal("7.5"), None),
    ]
    (row,) = RuleVersion.objects.filter(connection=quiet)
    assert (row.valid_from, row.created_by, row.points_per_brl, row.minimum_to_earn) == (
        quiet.created_at, None, Decimal("0.125"), 10,
    )  # fmt: skip
