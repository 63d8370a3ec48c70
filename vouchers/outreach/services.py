"""What a manager decides about communication: what acts by itself and how, where steps lead, whether all rests."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from vouchers.outreach.models import Automation, Message, Preferences, Template
from vouchers.outreach.models.plans import MOST_HELD_OUT
from vouchers.outreach.models.texts import CHANNELS
from vouchers.outreach.texts import choose, current
from vouchers.outreach.triggers import Action, Language, Text, Threshold, automatic, spec_of

_FIELDS = ("portal_url", "talk_url", "opens_at", "closes_at", "hours_apart")


def preferences() -> Preferences:
    """What holds for every message; the defaults until somebody changed them."""
    return Preferences.objects.filter(pk=1).first() or Preferences(pk=1)


@transaction.atomic
def save_preferences(*, values: Mapping[str, Any], by: User) -> Preferences:
    """Change addresses, hours or the time between contacts. Raises `ValidationError` by field."""
    row, _new = Preferences.objects.get_or_create(pk=1)
    for name in _FIELDS:
        if name in values:
            setattr(row, name, values[name])
    row.full_clean(exclude=["paused_by", "paused_at"])
    if row.opens_at >= row.closes_at:
        raise ValidationError({"closes_at": _("O fim tem de ser depois do início.")})
    row.save(update_fields=[*_FIELDS])
    audit(actor=by, action="outreach.preferences_changed")
    return row


def pause_all(*, by: User) -> bool:
    """Let nothing leave any more; whether it was not paused already."""
    Preferences.objects.get_or_create(pk=1)
    paused = Preferences.objects.filter(pk=1, paused_at=None).update(paused_at=timezone.now(), paused_by=by)
    if paused:
        audit(actor=by, action="outreach.paused")
    return bool(paused)


def resume_all(*, by: User) -> bool:
    """Let messages leave again; whether it was paused."""
    resumed = Preferences.objects.filter(pk=1, paused_at__isnull=False).update(paused_at=None, paused_by=None)
    if resumed:
        audit(actor=by, action="outreach.resumed")
    return bool(resumed)


def automation_of(trigger: str) -> Automation:
    """The automation of a trigger, switched off and with the contract's defaults when it is new."""
    row = Automation.objects.filter(pk=trigger).first()
    if row is None:
        defaults = {"held_out_percent": spec_of(trigger).held_out}
        row, _new = Automation.objects.get_or_create(trigger=trigger, defaults=defaults)
    return row


def automations() -> list[Automation]:
    """Those of every trigger that acts by itself, in the contract's order."""
    known = {row.trigger: row for row in Automation.objects.all()}
    return [known.get(trigger) or automation_of(trigger) for trigger in automatic()]


def lacking(*, trigger: str, channels: Sequence[str], text_name: str = "") -> list[Text]:
    """What keeps messages of this trigger from being sent, as sentences; empty: nothing."""
    texts, settings = current(trigger, text_name), preferences()
    found: list[Text] = []
    if not channels:
        found.append(_("Escolha pelo menos um canal."))
    chosen = [choose(texts, channel, Language.PT_BR) for channel in channels]
    if channels and not any(chosen):
        found.append(_("Escreva o texto em português de pelo menos um canal."))
    if any(text is not None and _step_is_missing(text, settings) for text in chosen):
        found.append(_("Informe o endereço do próximo passo nas preferências ou no texto."))
    return found


def _step_is_missing(text: Template, settings: Preferences) -> bool:
    if text.action in (Action.SURVEY, Action.VOUCHER) and "{link}" not in text.body:
        return False
    if text.action == Action.SURVEY or text.action_url:
        return False
    return not (settings.talk_url if text.action == Action.TALK else settings.portal_url)


@transaction.atomic
def switch_on(*, automation: Automation, by: User) -> bool:
    """Let a trigger act by itself from now on; nothing that happened before is written about.

    Raises `ValidationError` with what is lacking. False: it was on already.
    """
    missing = lacking(trigger=automation.trigger, channels=automation.channels)
    if missing:
        raise ValidationError(missing)
    now = timezone.now()
    switched = Automation.objects.filter(pk=automation.pk, is_on=False).update(
        is_on=True, switched_on_at=now, looked_at=None, leased_until=None
    )
    if switched:
        audit(actor=by, action="outreach.switched_on", subject=f"automation:{automation.pk}")
    automation.refresh_from_db()
    return bool(switched)


@transaction.atomic
def switch_off(*, automation: Automation, by: User) -> int:
    """Stop a trigger; what waits in the queue is dropped. Returns how many messages that were."""
    if not Automation.objects.filter(pk=automation.pk, is_on=True).update(is_on=False, leased_until=None):
        return 0
    waiting = Message.objects.filter(
        trigger=automation.trigger, campaign=None, state=Message.State.QUEUED
    ).update(state=Message.State.DROPPED, reason=Message.Reason.SWITCHED_OFF, ended_at=timezone.now())
    audit(actor=by, action="outreach.switched_off", subject=f"automation:{automation.pk}", dropped=waiting)
    automation.refresh_from_db()
    return waiting


@transaction.atomic
def configure(
    *,
    automation: Automation,
    channels: Sequence[str],
    language: str,
    held_out_percent: int,
    thresholds: Mapping[str, Any],
    by: User,
) -> Automation:
    """Change how a trigger acts. `thresholds` by name; left out: the default. Raises `ValidationError` by field."""
    problems: dict[str, Text] = {}
    if (
        not channels
        or set(channels) - {str(channel) for channel in CHANNELS}
        or len(set(channels)) < len(channels)
    ):
        problems["channels"] = _("Escolha pelo menos um canal.")
    if language and language not in Language.values:
        problems["language"] = _("Escolha um idioma da lista.")
    if not 0 <= held_out_percent <= MOST_HELD_OUT:
        problems["held_out_percent"] = _("O grupo de comparação vai de 0 a 50 %.")
    kept: dict[str, Any] = {}
    for name, threshold in spec_of(automation.trigger).thresholds.items():
        if name not in thresholds:
            continue
        value = read_threshold(threshold, thresholds[name])
        if value is None:
            words = {"least": threshold.minimum, "most": threshold.maximum}
            problems[name] = _("Informe um valor de %(least)s a %(most)s.") % words
        elif value != _plain(threshold.default):
            kept[name] = value
    if problems:
        raise ValidationError(problems)
    Automation.objects.filter(pk=automation.pk).update(
        channels=list(channels), language=language, held_out_percent=held_out_percent, thresholds=kept
    )
    audit(actor=by, action="outreach.configured", subject=f"automation:{automation.pk}")
    automation.refresh_from_db()
    return automation


def read_threshold(threshold: Threshold, value: Any) -> Any:
    """A number somebody entered as it is kept: text for money and percent, a number or a list of days.

    None: it is no such number, or out of bounds.
    """
    try:
        if threshold.unit == "days_list":
            days = sorted({int(day) for day in value}, reverse=True)
            return days if days and threshold.minimum <= days[-1] and days[0] <= threshold.maximum else None
        number = Decimal(str(value))
    except (InvalidOperation, TypeError, ValueError):
        return None
    if not number.is_finite() or not threshold.minimum <= number <= threshold.maximum:
        return None
    return int(number) if threshold.unit == "days" else str(number)


def _plain(default: Decimal | int | tuple[int, ...]) -> Any:
    if isinstance(default, tuple):
        return list(default)
    return str(default) if isinstance(default, Decimal) else default
