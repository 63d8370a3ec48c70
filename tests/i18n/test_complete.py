"""Nothing is left to translate: both catalogues hold what the source says on screen, all of it translated."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.core.management import call_command
from django.urls import get_resolver
from django_tables2 import A, Column
from pytest_django import Settings

from smartbis_admin.ui.tables import Table
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


def _below(kind: type[Table]) -> Iterator[type[Table]]:
    for table in kind.__subclasses__():
        yield table
        yield from _below(table)


def _heading(table: type[Table], name: str, column: Column) -> str:
    """What stands over a column: its own words, else those of the field it shows, else nothing but its name."""
    if column.verbose_name is not None:
        return str(column.verbose_name)
    field = A(column.accessor or name).get_field(table._meta.model)
    return str(field.verbose_name) if field else name


def test_every_column_of_a_list_has_a_heading_for_people() -> None:
    """A column without words of its own would be headed by the name it has in the program."""
    assert get_resolver().url_patterns
    known = {text.lower() for message in messages(read_catalogue("en")) for text in forms(message.id)}
    tables = [table for table in _below(Table) if not table.__module__.startswith("tests.")]
    headings = {
        f"{table.__name__}.{name}": _heading(table, name, column)
        for table in tables
        for name, column in table.base_columns.items()
    }
    assert {place: text for place, text in headings.items() if text and text.lower() not in known} == {}
    assert len(headings) > 150
