"""The screens of automations and campaigns: what they say, what they refuse, and who may."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from smartbis_admin.staff.models import User
from smartbis_admin.ui.models import SavedView
from tests.outreach.conftest import queued, states
from vouchers.outreach import campaigns
from vouchers.outreach.campaign_forms import ConfirmForm
from vouchers.outreach.looking import look
from vouchers.outreach.models import Automation, Campaign, Message, Preferences, Template
from vouchers.outreach.services import automation_of, preferences
from vouchers.outreach.texts import use_defaults

#: Words, access and the wire: nothing here differs from one database to the other.
pytestmark = pytest.mark.one_database

Make = Callable[..., Any]
BALANCE = "/comunicacao/automatica/balance_available/"
CREATE = "/comunicacao/campanhas/criar/"
SETTINGS = {
    "minimum_balance": "5,00",
    "days_apart": "30",
    "channels": "whatsapp,email",
    "language": "",
    "held_out_percent": "10",
}
STEPS = {
    "name": "Verão",
    "audience": "all",
    "text": "campaign:",
    "channels": "email",
    "held_out_percent": "0",
}


def text_of(reply: Any) -> str:
    return reply.content.decode().replace("\xa0", " ")


@pytest.fixture
def three(make_customer: Make, ready: User) -> list[Customer]:
    """Two who agreed to e-mails and one who did not."""
    use_defaults(by=ready)
    return [
        make_customer("Ana", cashback_balance=Decimal(30)),
        make_customer("Bia"),
        make_customer("Caio", consents=""),
    ]


# --- who ----------------------------------------------------------------------------------------------------
ACTS = ("pause_all", "resume_all", "use_defaults", "campaign_create", "preferences")


@pytest.mark.parametrize("who", ["cashier_client", "viewer_client", "stranger_client"])
def test_others_do_not_see_it_and_change_nothing(
    who: str, request: pytest.FixtureRequest, three: Any
) -> None:
    client: Client = request.getfixturevalue(who)
    written = Template.objects.count()
    assert client.get("/comunicacao/").status_code == 403
    for name in ACTS:
        assert client.post(reverse(f"outreach:{name}"), STEPS).status_code == 403
    for path in ("ligar", "desligar"):
        assert client.post(f"{BALANCE}{path}/").status_code == 403
    assert client.post("/comunicacao/textos/nps/email/pt-br/", {"body": "x"}).status_code == 403
    assert (Campaign.objects.count(), Message.objects.count(), Template.objects.count()) == (0, 0, written)
    assert (preferences().paused_at, Automation.objects.filter(is_on=True).count()) == (None, 0)
    assert "/comunicacao/" not in client.get("/", follow=True).content.decode()


# --- everything ---------------------------------------------------------------------------------------------
def test_the_overview_says_what_is_lacking_first(manager_client: Client) -> None:
    told = text_of(manager_client.get("/comunicacao/"))
    assert "Ainda não há textos. Comece pelos nossos, em três idiomas, e mude o que quiser." in told
    assert "Falta o endereço do portal do cliente, aonde a maioria das mensagens leva." in told
    assert "O WhatsApp da loja não está conectado: só e-mails saem." in told
    assert (
        "As mensagens saem das 09:00 às 20:00, no horário da loja, e a mesma pessoa espera 24 horas" in told
    )
    assert told.count("sem texto ainda") == 10


def test_everything_is_paused_and_goes_on(manager_client: Client, manager: User) -> None:
    url = reverse("outreach:pause_all")
    asked = text_of(manager_client.post(url))
    assert "Pausar todas as mensagens? Nada sai, nem automático nem de campanha, até você continuar." in asked
    assert preferences().paused_at is None
    told = text_of(manager_client.post(url, {"confirmed": "1"}, follow=True))
    assert "Tudo está pausado desde" in told
    assert Preferences.objects.get().paused_by == manager
    told = text_of(manager_client.post(reverse("outreach:resume_all"), follow=True))
    assert "As mensagens voltaram a sair." in told
    assert preferences().paused_at is None


def test_preferences_are_checked_beside_their_fields(manager_client: Client) -> None:
    values = {"portal_url": "portal.example", "opens_at": "20:00", "closes_at": "09:00", "hours_apart": "24"}
    reply = manager_client.post(reverse("outreach:preferences"), values)
    assert reply.context["form"].errors == {"closes_at": ["O fim tem de ser depois do início."]}
    assert preferences().portal_url == ""
    manager_client.post(reverse("outreach:preferences"), values | {"opens_at": "08:30", "closes_at": "19:00"})
    assert (preferences().portal_url, str(preferences().opens_at)) == ("https://portal.example", "08:30:00")


# --- automations --------------------------------------------------------------------------------------------
def test_an_automation_opens_with_the_defaults_of_the_contract(manager_client: Client) -> None:
    reply = manager_client.get(BALANCE)
    assert reply.context["form"].initial == {
        "channels": "whatsapp,email",
        "language": "",
        "held_out_percent": 10,
        "minimum_balance": Decimal("5.00"),
        "days_apart": 30,
    }
    expiring = text_of(manager_client.get("/comunicacao/automatica/voucher_expiring/"))
    assert 'value="7, 1"' in expiring
    for path in ("nope", "campaign", "return_call"):
        assert manager_client.get(f"/comunicacao/automatica/{path}/").status_code == 404


def test_an_automation_is_not_switched_on_while_something_is_lacking(manager_client: Client) -> None:
    told = text_of(manager_client.post(f"{BALANCE}ligar/", follow=True))
    assert "Escreva o texto em português de pelo menos um canal." in told
    assert not automation_of("balance_available").is_on


def test_an_automation_is_switched_on_and_off(manager_client: Client, three: Any) -> None:
    told = text_of(manager_client.post(f"{BALANCE}ligar/", follow=True))
    assert "Ligada. Só o que acontecer a partir de agora gera mensagens." in told
    Automation.objects.update(held_out_percent=0)
    look("balance_available")
    assert [name for name, _occasion in queued()] == ["Ana"]
    told = text_of(manager_client.post(f"{BALANCE}desligar/", follow=True))
    assert "Desligada. 1 mensagem que esperava não será enviada." in told
    assert states() == [("Ana", "dropped", "switched_off")]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"minimum_balance": "muito"}, "minimum_balance", "Escreva o valor como 1.234,56."),
        ({"held_out_percent": "51"}, "held_out_percent", None),
        ({"channels": "sms"}, "channels", None),
        ({"days_apart": "0"}, "days_apart", None),
        ({"minimum_balance": "-1"}, "minimum_balance", "Informe um valor de 0 a 1000000."),
    ],
)
def test_a_wrong_setting_is_refused_beside_its_field(
    manager_client: Client, changes: dict[str, str], field: str, sentence: str | None
) -> None:
    reply = manager_client.post(BALANCE, SETTINGS | changes)
    errors = reply.context["form"].errors
    assert list(errors) == [field]
    assert sentence is None or errors[field] == [sentence]
    row = automation_of("balance_available")
    assert (row.thresholds, row.held_out_percent, row.channels) == ({}, 10, ["whatsapp", "email"])


def test_settings_are_kept(manager_client: Client) -> None:
    manager_client.post(
        BALANCE, SETTINGS | {"minimum_balance": "12,50", "channels": "email", "held_out_percent": "0"}
    )
    row = automation_of("balance_available")
    assert (row.threshold("minimum_balance"), row.channels, row.held_out_percent) == (
        Decimal("12.50"), ["email"], 0,
    )  # fmt: skip
    url = "/comunicacao/automatica/voucher_expiring/"
    values = {"channels": "email", "language": "", "held_out_percent": "0"}
    reply = manager_client.post(url, values | {"days_before": "sete"})
    assert reply.context["form"].errors == {
        "days_before": ["Escreva os dias separados por vírgulas, como 7, 1."]
    }
    manager_client.post(url, values | {"days_before": "3, 10"})
    assert automation_of("voucher_expiring").threshold("days_before") == (10, 3)


def test_the_reach_says_who_and_who_is_left_out(
    manager_client: Client, make_customer: Make, three: Any
) -> None:
    make_customer("Dora", consents="-email", cashback_balance=Decimal(30))
    Automation.objects.update_or_create(pk="balance_available", defaults={"held_out_percent": 0})
    told = text_of(manager_client.get(f"{BALANCE}alcance/"))
    assert "1 pessoa" in told
    assert '<b class="num">1</b> Pediu para não receber' in told
    assert ">Ana</a>" in told
    assert Message.objects.count() == 0


# --- campaigns ----------------------------------------------------------------------------------------------
def test_the_steps_ask_one_thing_after_the_other(manager_client: Client, manager: User, three: Any) -> None:
    SavedView.objects.create(
        user=manager, screen="customers:list", name="Com saldo", query="balance=cashback"
    )
    first = manager_client.get(CREATE)
    assert "Visões salvas da lista de clientes" in text_of(first)
    again = manager_client.get(CREATE, {"passo": "2", "name": "", "audience": "all"})
    assert (again.context["step"], list(again.context["form"].errors)) == (1, ["name"])
    second = manager_client.get(CREATE, {"passo": "2", "name": "Verão", "audience": "all"})
    assert (second.context["step"], dict(second.context["carried"])) == (
        2,
        {"name": "Verão", "audience": "all"},
    )
    third = manager_client.get(CREATE, STEPS | {"passo": "3"})
    assert third.context["step"] == 3
    back = text_of(manager_client.get(CREATE, STEPS | {"passo": "1"}))
    assert 'name="name" value="Verão"' in back
    assert '<option value="all" selected>' in back
    assert '<input type="hidden" name="text" value="campaign:">' in back
    assert Campaign.objects.count() == 0


def test_a_text_nobody_wrote_is_refused_at_its_step(manager_client: Client, ready: User) -> None:
    reply = manager_client.get(CREATE, STEPS | {"passo": "3"})
    assert reply.context["step"] == 2
    assert reply.context["form"].errors == {"text": ["Escreva o texto em português de pelo menos um canal."]}


def test_a_moment_that_has_passed_is_refused(manager_client: Client, three: Any) -> None:
    past = timezone.localtime() - timedelta(hours=1)
    reply = manager_client.post(CREATE, STEPS | {"scheduled_at": f"{past:%Y-%m-%dT%H:%M}"})
    assert reply.context["form"].errors == {"scheduled_at": ["Escolha um momento no futuro."]}
    assert Campaign.objects.count() == 0


@pytest.mark.parametrize(
    ("audience", "total", "kept"),
    [
        ("all", "3 clientes", ("", "", "Todos os clientes")),
        ("trigger:balance_available", "Quem cumpre agora", ("balance_available", "", "Saldo disponível")),
        ("view", "1 cliente", ("", "balance=cashback", "Com saldo")),
    ],
)
def test_an_audience_is_everybody_a_trigger_or_a_saved_view(
    manager_client: Client, manager: User, three: Any, audience: str, total: str, kept: tuple[str, str, str]
) -> None:
    view = SavedView.objects.create(
        user=manager, screen="customers:list", name="Com saldo", query="balance=cashback"
    )
    chosen = f"view:{view.pk}" if audience == "view" else audience
    assert total in text_of(manager_client.get(reverse("outreach:audience"), {"audience": chosen}))
    manager_client.post(CREATE, STEPS | {"audience": chosen})
    row = Campaign.objects.get()
    assert (row.audience_trigger, row.audience_query, row.audience_name) == kept
    assert row.state == Campaign.State.COUNTING


def test_the_saved_view_of_somebody_else_is_no_audience(
    manager_client: Client, owner: User, three: Any
) -> None:
    view = SavedView.objects.create(user=owner, screen="customers:list", name="Minha", query="balance=points")
    told = text_of(manager_client.get(reverse("outreach:audience"), {"audience": f"view:{view.pk}"}))
    assert "Escolha um público." in told
    assert manager_client.post(CREATE, STEPS | {"audience": f"view:{view.pk}"}).context["step"] == 1
    assert Campaign.objects.count() == 0


@pytest.fixture
def counted(manager_client: Client, three: Any) -> str:
    """The page of a campaign whose audience was counted."""
    url: str = manager_client.post(CREATE, STEPS).headers["Location"]
    campaigns.walk_all()
    return url


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1234", 1234),
        ("1.234", 1234),
        ("1 234 567", 1234567),
        ("0", 0),
        ("1.23", None),
        ("", None),
        ("um", None),
    ],
)
def test_the_number_is_typed_as_it_is_shown(typed: str, number: int | None) -> None:
    form = ConfirmForm({"typed": typed})
    assert form.is_valid() == (number is not None)
    assert form.cleaned_data.get("typed") == number


def test_nothing_is_queued_before_the_number_is_typed(manager_client: Client, counted: str) -> None:
    told = text_of(manager_client.get(counted))
    assert "2 pessoas vão receber" in told
    assert '<b class="num">1</b> Sem consentimento para o canal' in told
    assert ">Ana</a>, <a" in told
    reply = manager_client.post(counted, {"typed": "3"})
    assert reply.context["form"].errors == {
        "typed": ["O número digitado não é o de pessoas que vão receber."]
    }
    assert (Campaign.objects.get().state, Message.objects.count()) == ("counted", 0)
    manager_client.post(counted, {"typed": "2"})
    campaigns.walk_all()
    assert [name for name, _occasion in queued()] == ["Ana", "Bia"]
    reply = manager_client.post(counted, {"typed": "2"})
    assert "A campanha não está mais à espera de confirmação." in text_of(reply)
    assert Message.objects.count() == 2


def test_a_campaign_is_paused_resumed_and_stopped(manager_client: Client, counted: str) -> None:
    manager_client.post(counted, {"typed": "2"})
    campaigns.walk_all()
    assert "0 de 2 mensagens" in text_of(manager_client.get(counted))
    told = text_of(manager_client.post(f"{counted}pausar/", follow=True))
    assert "Campanha pausada. Nada dela sai até você continuar." in told
    assert "Esta campanha não está mais em andamento." in text_of(
        manager_client.post(f"{counted}pausar/", follow=True)
    )
    assert "A campanha continua." in text_of(manager_client.post(f"{counted}continuar/", follow=True))
    asked = text_of(manager_client.post(f"{counted}interromper/"))
    assert (
        "Interromper a campanha “Verão”? O que ainda não saiu não sai mais, e não há como retomar." in asked
    )
    assert [row[1] for row in states()] == ["queued", "queued"]
    told = text_of(manager_client.post(f"{counted}interromper/", {"confirmed": "1"}, follow=True))
    assert "Campanha interrompida. 2 mensagens não serão enviadas." in told
    assert [row[1:] for row in states()] == [("dropped", "stopped")] * 2


def test_the_progress_asks_again_until_the_state_is_another(manager_client: Client, counted: str) -> None:
    htmx = {"HX-Request": "true"}
    same = manager_client.get(f"{counted}andamento/?de=counted", headers=htmx)
    assert ("Pronta para confirmar" in text_of(same), "HX-Refresh" in same.headers) == (True, False)
    moved = manager_client.get(f"{counted}andamento/?de=counting", headers=htmx)
    assert moved.headers["HX-Refresh"] == "true"
