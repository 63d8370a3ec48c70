"""Texts: what may stand in them, their versions, ours in three languages, and how they look with a customer."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from sandbox.whatsapp.catalogue import BODIES as THERE
from smartbis_admin.staff.models import AuditEvent, User
from tests.outreach.conftest import NOW
from vouchers.outreach.default_texts import BODIES
from vouchers.outreach.models import Template
from vouchers.outreach.preview import preview, send_test
from vouchers.outreach.services import (
    automation_of,
    configure,
    lacking,
    save_preferences,
    switch_on,
)
from vouchers.outreach.texts import check, choose, current, placeholders, save_text, use_defaults
from vouchers.outreach.triggers import Language, Trigger, allowed_placeholders, automatic, spec_of

Make = Callable[..., Any]
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def problems(**fields: Any) -> list[str]:
    """The fields in which a text of `voucher_issued` is wrong."""
    values = {
        "trigger": "voucher_issued", "channel": "email", "action": "voucher", "subject": "Oi", "body": "{codigo}",
    } | fields  # fmt: skip
    return [problem.field for problem in check(**values)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"body": "{nome} {valor} {validade} {recompensa} {link}"}, []),
        ({"body": "{faltam}"}, ["body"]),
        ({"body": "{Nome}"}, ["body"]),
        ({"body": "{nome"}, ["body"]),
        ({"body": "nome}"}, ["body"]),
        ({"body": "{ }"}, ["body"]),
        ({"body": "  "}, ["body"]),
        ({"body": "{link} {link}"}, ["body"]),
        ({"body": "veja https://other.example"}, ["body"]),
        ({"subject": "{codigos}"}, ["subject"]),
        ({"subject": ""}, ["subject"]),
        ({"subject": "{link}"}, ["subject"]),
        ({"subject": "a\nb"}, ["subject"]),
        ({"channel": "whatsapp", "subject": "", "whatsapp_name": "voucher_2"}, []),
        ({"channel": "whatsapp", "subject": "", "whatsapp_name": "Voucher 2"}, ["whatsapp_name"]),
        ({"channel": "whatsapp", "subject": "", "whatsapp_name": "v", "body": "Oi {nome}"}, ["body"]),
        (
            {
                "channel": "whatsapp",
                "subject": "",
                "whatsapp_name": "v",
                "body": "Oi",
                "whatsapp_button": True,
            },
            [],
        ),
        (
            {"channel": "whatsapp", "subject": "", "whatsapp_name": "v", "body": "{codigo}" + "x" * 1017},
            ["body"],
        ),
    ],
)
def test_what_may_stand_in_a_text(fields: dict[str, Any], expected: list[str]) -> None:
    assert problems(**fields) == expected


def test_an_unknown_field_is_named_with_those_there_are() -> None:
    [problem] = check(trigger="nps", channel="email", action="survey", subject="Oi", body="{codigo}")
    assert str(problem.message) == "Campo desconhecido: {codigo}. Pode usar: {nome}, {programa}, {link}."


def test_versions_are_kept_and_the_latest_is_in_force(manager: User) -> None:
    place = {"trigger": "nps", "channel": "email", "language": "pt-br", "action_label": "Ir", "by": manager}
    save_text(subject="Um", body="A", **place)
    save_text(subject="Dois", body="B", **place)
    with pytest.raises(ValidationError) as refused:
        save_text(subject="", body="{x}", **place | {"action_label": " "})
    assert set(refused.value.message_dict) == {"subject", "body", "action_label"}
    assert list(Template.objects.order_by("version").values_list("version", "body")) == [(1, "A"), (2, "B")]
    texts = current("nps")
    assert texts["email", "pt-br"].body == "B"
    assert choose(texts, "email", "es") == texts["email", "pt-br"]
    assert choose(texts, "whatsapp", "pt-br") is None
    assert AuditEvent.objects.filter(action="outreach.text_saved").count() == 2


def test_our_texts_fit_every_trigger_channel_and_language(manager: User) -> None:
    assert use_defaults(by=manager) == len(Trigger) * 2 * 3
    assert use_defaults(by=manager) == 0
    for template in Template.objects.all():
        assert set(placeholders(template.body)) <= set(allowed_placeholders(template.trigger))


@pytest.mark.parametrize("trigger", list(Trigger))
def test_the_sandbox_has_the_templates_our_texts_name(trigger: Trigger) -> None:
    for number, language in enumerate(Language):
        body = BODIES[trigger][language]
        for place, name in enumerate(placeholders(body), start=1):
            body = body.replace(f"{{{name}}}", f"{{{{{place}}}}}")
        assert body == THERE[trigger.value][number]


def test_the_contracts_defaults() -> None:
    told = {
        trigger.value: {name: automation_of(trigger).threshold(name) for name in spec_of(trigger).thresholds}
        for trigger in automatic()
        if spec_of(trigger).thresholds
    }
    assert told == {
        "balance_available": {"minimum_balance": Decimal("5.00"), "days_apart": 30},
        "points_progress": {"percent": Decimal(80), "days_apart": 30},
        "voucher_expiring": {"days_before": (7, 1)},
        "inactive": {"days_idle": 60, "days_apart": 60},
        "nps": {"days_after": 3, "days_apart": 90},
    }
    assert [trigger.value for trigger in Trigger if trigger not in automatic()] == ["return_call", "campaign"]


def test_an_automation_says_what_it_lacks(owner: User) -> None:
    automation = automation_of("welcome")
    with pytest.raises(ValidationError) as refused:
        switch_on(automation=automation, by=owner)
    assert refused.value.messages == ["Escreva o texto em português de pelo menos um canal."]
    use_defaults(by=owner, triggers=["welcome", "voucher_issued", "nps"])
    with pytest.raises(ValidationError) as refused:
        switch_on(automation=automation, by=owner)
    assert refused.value.messages == ["Informe o endereço do próximo passo nas preferências ou no texto."]
    assert not automation_of("welcome").is_on
    assert lacking(trigger="voucher_issued", channels=["email"]) == []
    assert lacking(trigger="nps", channels=["email"]) == []
    save_preferences(values={"portal_url": "https://portal.example/"}, by=owner)
    assert switch_on(automation=automation, by=owner)
    assert not switch_on(automation=automation, by=owner)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"channels": []}, ["channels"]),
        ({"channels": ["sms"]}, ["channels"]),
        ({"language": "fr"}, ["language"]),
        ({"held_out_percent": 51}, ["held_out_percent"]),
        ({"thresholds": {"days_idle": 0}}, ["days_idle"]),
        ({"thresholds": {"days_idle": "muitos"}}, ["days_idle"]),
        ({"thresholds": {"days_idle": 45, "days_apart": "NaN"}}, ["days_apart"]),
    ],
)
def test_settings_out_of_bounds(manager: User, changes: dict[str, Any], fields: list[str]) -> None:
    values = {"channels": ["email"], "language": "", "held_out_percent": 5, "thresholds": {}} | changes
    with pytest.raises(ValidationError) as refused:
        configure(automation=automation_of("inactive"), by=manager, **values)
    assert list(refused.value.message_dict) == fields
    assert automation_of("inactive").held_out_percent == 10


def test_settings_are_kept_and_a_default_is_no_setting(manager: User) -> None:
    expiring = configure(
        automation=automation_of("voucher_expiring"), channels=["email", "whatsapp"], language="es",
        held_out_percent=0, thresholds={"days_before": ["3", 10]}, by=manager,
    )  # fmt: skip
    assert (expiring.threshold("days_before"), expiring.channels) == ((10, 3), ["email", "whatsapp"])
    inactive = configure(
        automation=automation_of("inactive"), channels=["email"], language="", held_out_percent=0,
        thresholds={"days_idle": 60, "days_apart": 61}, by=manager,
    )  # fmt: skip
    assert inactive.thresholds == {"days_apart": 61}


def test_preferences_are_checked(owner: User) -> None:
    for values in (
        {"portal_url": "javascript:alert(1)"},
        {"hours_apart": 0},
        {"opens_at": NOW.time(), "closes_at": NOW.time()},
    ):
        with pytest.raises(ValidationError):
            save_preferences(values=values, by=owner)


def test_a_preview_shows_a_real_customer_and_what_is_missing(
    make_customer: Make, make_voucher: Make, ready: User
) -> None:
    use_defaults(by=ready, triggers=["voucher_issued"])
    template = current("voucher_issued")["email", "en"]
    ana = make_customer("Ana Lima")
    shown = preview(template=template, customer=ana)
    assert shown.missing == ("codigo", "validade")
    assert shown.body == "Ana, your voucher is here. Show the code {codigo} in the store until {validade}."
    make_voucher("ABCD-1234", ana, expires_at=NOW + timedelta(days=9))
    shown = preview(template=template, customer=ana)
    assert shown.missing == ()
    assert "1234" in shown.body
    assert "ABCD" not in shown.body
    assert "30 Nov 2026" in shown.body
    assert (shown.step_label, shown.step_url) == ("Use the voucher", "https://portal.example/")


def test_a_test_goes_to_oneself(make_customer: Make, ready: User) -> None:
    use_defaults(by=ready, triggers=["welcome"])
    send_test(template=current("welcome")["whatsapp", "pt-br"], customer=make_customer("Ana"), by=ready)
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([ready.email], "[teste] Boas-vindas")
    assert "List-Unsubscribe" not in sent.extra_headers
