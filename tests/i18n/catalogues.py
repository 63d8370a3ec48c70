"""The catalogues as the tests read them: every message with its translation, in both languages."""

import re
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "smartbis_admin" / "locale"
LANGUAGES = ("en", "es")

#: (context, message id); the id of a plural is its singular.
Key = tuple[str | None, str]

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w*\}|</?\w[^>]*>")


def read_catalogue(language: str) -> Catalog:
    """The catalogue of a language as its source has it."""
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def messages(catalogue: Catalog) -> list[Message]:
    """Every message without the header."""
    return [message for message in catalogue if message.id]


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    """A text, or singular and plural."""
    return [text] if isinstance(text, str) else list(text)


def key(message: Message) -> Key:
    """What names a message."""
    return message.context, forms(message.id)[0]


def placeholders(text: str) -> list[str]:
    """What has to be on both sides: interpolations and HTML tags, in any order."""
    return sorted(PLACEHOLDER.findall(text))
