"""What templates ask about a reward that is a matter of looks alone."""

from zlib import crc32

from django import template

from rewards.models import Reward

register = template.Library()

#: Colours of `rewards.css`, from `tint-1`.
TINTS = 8


@register.filter
def tint(reward: Reward) -> str:
    """CSS class of the colour of the reward's category; the same category has the same colour everywhere."""
    if not reward.category_remote_id:
        return "tint-0"
    return f"tint-{crc32(reward.category_remote_id.encode()) % TINTS + 1}"


@register.filter
def initial(reward: Reward) -> str:
    """The letter that stands for the reward's image, which is on the platform's server."""
    letters = (sign for sign in reward.name if sign.isalnum())
    return next(letters, "?").upper()
