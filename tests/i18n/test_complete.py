"""Nothing is left to translate: both catalogues hold what the source says on screen, all of it translated."""

import io
import shutil
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.core.management import call_command
from pytest_django import Settings

from tests.i18n.catalogues import LANGUAGES, ROOT, forms, key, messages, read_catalogue

#: Where texts for people are, as `make messages` looks for them.
PLACES = ("smartbis_admin", "customers", "rewards", "vouchers", "templates")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    missing = [
        key(message) for message in messages(read_catalogue(language)) if not all(forms(message.string))
    ]
    assert missing == []


def test_the_catalogues_hold_what_the_source_says(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts are collected anew beside the repository; `make messages` brings the catalogues up to date."""
    for place in PLACES:
        ignored = shutil.ignore_patterns("static", "locale", "__pycache__", "migrations")
        shutil.copytree(ROOT / place, tmp_path / place, ignore=ignored)
    collected = tmp_path / "locale"
    collected.mkdir()
    settings.LOCALE_PATHS = [collected]
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=["en"], verbosity=0)
    source = (collected / "en" / "LC_MESSAGES" / "django.po").read_bytes()
    found = {
        (key(message), tuple(forms(message.id)))
        for message in messages(read_po(io.BytesIO(source), locale="en"))
    }
    kept = {(key(message), tuple(forms(message.id))) for message in messages(read_catalogue("en"))}
    assert sorted(map(repr, found - kept)) == []
    assert sorted(map(repr, kept - found)) == []
