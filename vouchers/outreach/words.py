"""How the states of messages, campaigns and automations look, and channels in words. Shared by lists and pages."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from vouchers.outreach.models import Campaign, Message
from vouchers.outreach.models.texts import CHANNEL_CHOICES
from vouchers.outreach.triggers import Text

#: State of a message: tone, icon.
MESSAGE_LOOKS: Mapping[str, tuple[str, str]] = {
    Message.State.QUEUED: ("info", "clock"),
    Message.State.SENDING: ("info", "send"),
    Message.State.SENT: ("info", "check"),
    Message.State.DELIVERED: ("success", "circle-check"),
    Message.State.READ: ("success", "eye"),
    Message.State.FAILED: ("danger", "alert-circle"),
    Message.State.DROPPED: ("neutral", "ban"),
    Message.State.IN_DOUBT: ("warning", "clock-question"),
    Message.State.HELD_OUT: ("neutral", "users-group"),
}
#: State of a campaign: tone, icon.
CAMPAIGN_LOOKS: Mapping[str, tuple[str, str]] = {
    Campaign.State.DRAFT: ("neutral", "pencil"),
    Campaign.State.COUNTING: ("info", "hourglass"),
    Campaign.State.COUNTED: ("warning", "clipboard-check"),
    Campaign.State.SCHEDULED: ("info", "calendar"),
    Campaign.State.QUEUEING: ("info", "hourglass"),
    Campaign.State.RUNNING: ("info", "send"),
    Campaign.State.PAUSED: ("warning", "player-pause"),
    Campaign.State.STOPPED: ("neutral", "player-stop"),
    Campaign.State.DONE: ("success", "circle-check"),
}
#: The orders in which channels may be tried, as one word and in words.
CHANNEL_ORDERS: Mapping[str, Text] = {
    "whatsapp,email": _("WhatsApp, senão e-mail"),
    "email,whatsapp": _("E-mail, senão WhatsApp"),
    "whatsapp": _("Só WhatsApp"),
    "email": _("Só e-mail"),
}


def channels_in_words(channels: Sequence[str]) -> Text:
    """In which order a plan tries its channels."""
    return CHANNEL_ORDERS.get(",".join(channels), _("Nenhum canal"))


def channels_counted(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    """How many would be written to through each channel, by its name."""
    labels = dict(CHANNEL_CHOICES)
    return [(str(labels[word]), number) for word, number in counted.items() if number]


def reasons_in_words(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    """Why people were left out or messages not sent, the commonest first."""
    labels = dict(Message.Reason.choices)
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(str(labels.get(word, word)), number) for word, number in ordered if number]
