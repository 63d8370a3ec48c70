"""Texts: checked against what their occasion can fill in, kept in versions, and written first by ourselves."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from customers.models import Consent
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from vouchers.outreach.default_texts import BODIES, LABELS, SUBJECTS
from vouchers.outreach.models import Template
from vouchers.outreach.models.texts import CHANNELS
from vouchers.outreach.triggers import Action, Language, Text, Trigger, allowed_placeholders, spec_of

#: Channel and language.
Place = tuple[str, str]

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)
_WHATSAPP_NAME = re.compile(r"[a-z0-9_]{1,100}")
#: Characters WhatsApp takes in a template's body.
MOST_ON_WHATSAPP = 1024


class Problem(NamedTuple):
    """What is wrong with a text: the field it stands in and a sentence for a person."""

    field: str
    message: Text


def placeholders(text: str) -> list[str]:
    """The names in braces, each once, in the order in which the text first has them."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


def check(
    *, trigger: str, channel: str, action: str, subject: str, body: str,
    whatsapp_name: str = "", whatsapp_button: bool = False,
) -> list[Problem]:  # fmt: skip
    """Everything that keeps a text from being used; empty when it may be."""
    problems = [
        problem
        for field, text in (("subject", subject), ("body", body))
        for problem in _in_text(trigger, field, text)
    ]
    if not body.strip():
        problems.append(Problem("body", _("Escreva o texto.")))
    if "link" in placeholders(subject):
        problems.append(Problem("subject", _("O assunto não pode ter endereço.")))
    if body.count("{link}") > 1 or _ADDRESS.search(body):
        problems.append(Problem("body", _("Uma mensagem leva um único próximo passo: use {link} uma vez.")))
    if channel == Consent.Channel.EMAIL:
        if not subject.strip():
            problems.append(Problem("subject", _("Escreva o assunto.")))
        if "\n" in subject or "\r" in subject:
            problems.append(Problem("subject", _("O assunto tem uma linha só.")))
        return problems
    if not _WHATSAPP_NAME.fullmatch(whatsapp_name):
        problems.append(
            Problem(
                "whatsapp_name", _("Escreva o nome como está no WhatsApp: letras minúsculas, números e _.")
            )
        )
    if len(body) > MOST_ON_WHATSAPP:
        problems.append(Problem("body", _("No WhatsApp o texto tem no máximo 1.024 caracteres.")))
    named = placeholders(body)
    has_step = whatsapp_button or "link" in named or (action == Action.VOUCHER and "codigo" in named)
    if not has_step:
        problems.append(Problem("body", _("Falta o próximo passo: use {link} ou o botão do modelo.")))
    return problems


def _in_text(trigger: str, field: str, text: str) -> list[Problem]:
    allowed = allowed_placeholders(trigger)
    unknown = [name for name in placeholders(text) if name not in allowed]
    found = []
    if unknown:
        words = {
            "unknown": ", ".join(f"{{{name}}}" for name in unknown),
            "allowed": ", ".join(f"{{{name}}}" for name in allowed),
        }
        found.append(
            Problem(field, _("Campo desconhecido: %(unknown)s. Pode usar: %(allowed)s.") % words),
        )
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        found.append(Problem(field, _("Há uma chave { ou } sem o seu par.")))
    return found


def current(trigger: str, name: str = "") -> dict[Place, Template]:
    """The version in force for each channel and language that has one. One query."""
    rows = Template.objects.filter(trigger=trigger, name=name).order_by("version")
    return {(row.channel, row.language): row for row in rows}


def choose(texts: Mapping[Place, Template], channel: str, language: str) -> Template | None:
    """The text for a channel in this language, else in Portuguese; None: there is none."""
    return texts.get((channel, language)) or texts.get((channel, Language.PT_BR.value))


@transaction.atomic
def save_text(
    *,
    trigger: str,
    channel: str,
    language: str,
    body: str,
    action_label: str,
    by: User | None,
    name: str = "",
    subject: str = "",
    action: str = "",
    action_url: str = "",
    whatsapp_name: str = "",
    whatsapp_button: bool = False,
) -> Template:
    """Add a version; it is in force at once. Raises `ValidationError` by field."""
    action = action or spec_of(trigger).action.value
    problems = check(
        trigger=trigger, channel=channel, action=action, subject=subject, body=body,
        whatsapp_name=whatsapp_name, whatsapp_button=whatsapp_button,
    )  # fmt: skip
    if not action_label.strip():
        problems.append(Problem("action_label", _("Escreva o texto do próximo passo.")))
    if problems:
        told: dict[str, list[Text]] = {}
        for problem in problems:
            told.setdefault(problem.field, []).append(problem.message)
        raise ValidationError(told)
    place = {"trigger": trigger, "name": name, "channel": channel, "language": language}
    latest = Template.objects.filter(**place).aggregate(at=Max("version"))["at"] or 0
    template = Template.objects.create(
        **place,
        version=latest + 1,
        subject=subject.strip() if channel == Consent.Channel.EMAIL else "",
        body=body.strip(),
        action=action,
        action_label=action_label.strip(),
        action_url=action_url,
        whatsapp_name=whatsapp_name if channel == Consent.Channel.WHATSAPP else "",
        whatsapp_button=whatsapp_button,
        created_by=by,
    )
    audit(actor=by, action="outreach.text_saved", subject=f"text:{template.pk}", version=template.version)
    return template


@transaction.atomic
def use_defaults(*, by: User | None, triggers: Iterable[str] | None = None) -> int:
    """Write our own text wherever a trigger has none yet. Returns how many were written."""
    written = 0
    for trigger in map(Trigger, triggers if triggers is not None else Trigger.values):
        known = current(trigger)
        for language in Language:
            for channel in CHANNELS:
                if (channel.value, language.value) in known:
                    continue
                save_text(
                    trigger=trigger.value,
                    channel=channel.value,
                    language=language.value,
                    subject=SUBJECTS[trigger][language] if channel == Consent.Channel.EMAIL else "",
                    body=BODIES[trigger][language],
                    action_label=LABELS[spec_of(trigger).action][language],
                    whatsapp_name=trigger.value if channel == Consent.Channel.WHATSAPP else "",
                    by=by,
                )
                written += 1
    return written
