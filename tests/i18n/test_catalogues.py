"""The catalogues say what the source says: nothing fuzzy or stale, the same placeholders, the glossary's terms."""

import csv
import re

import pytest
from babel.messages.mofile import read_mo

from tests.i18n.catalogues import (
    LANGUAGES,
    LOCALE,
    PLACEHOLDER,
    ROOT,
    forms,
    key,
    messages,
    placeholders,
    read_catalogue,
)

GLOSSARY = ROOT / "tests" / "i18n" / "glossary.tsv"
#: Words the glossary refuses on screen, as patterns of whole words.
REFUSED = {
    "pt-br": r"expirad[oa]s?|prêmios?|reembolsos?|reativad[oa]s?|pontuar|participantes?|consumidor(es)?"
    r"|dar baixa|clube de vantagens|ligação|editar|gravad[oa]s?|guarde",
    "en": r"loyalty program|\w+chroniz\w+|authoriz\w+|recogniz\w+|canceled|installments?|emails?",
    "es": r"vouchers?|premios?|fidelidad|reembolsos?|expirad[oa]s?|stock|e-?mails?",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fuzzy_or_obsolete(language: str) -> None:
    catalogue = read_catalogue(language)
    assert [key(message) for message in messages(catalogue) if message.fuzzy] == []
    assert list(catalogue.obsolete) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_tags_are_the_same_on_both_sides(language: str) -> None:
    """The singular may leave its number out ("Every hour"), as the source does."""
    wrong = []
    for message in messages(read_catalogue(language)):
        for source, translation in zip(forms(message.id), forms(message.string), strict=True):
            if translation and placeholders(translation) != placeholders(source):
                wrong.append((source, translation))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_end_as_their_sources_do(language: str) -> None:
    ends = re.compile(r"[.:?!…\s]*$")
    wrong = [
        (source, translation)
        for message in messages(read_catalogue(language))
        for source, translation in zip(forms(message.id), forms(message.string), strict=True)
        if translation and ends.search(source)[0] != ends.search(translation)[0]
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_its_source(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as compiled:
        loaded = {key(message): forms(message.string) for message in messages(read_mo(compiled))}
    # Babel leaves the context of a compiled message undecoded.
    loaded = {
        (context.decode() if isinstance(context, bytes) else context, text): texts
        for (context, text), texts in loaded.items()
    }
    source = {key(message): forms(message.string) for message in messages(read_catalogue(language))}
    assert loaded == {name: texts for name, texts in source.items() if all(texts)}


def test_both_languages_hold_the_same_messages() -> None:
    english, spanish = (sorted(map(repr, map(key, messages(read_catalogue(one))))) for one in LANGUAGES)
    assert english == spanish


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_term_alone_is_the_glossary_s(language: str) -> None:
    """Every message that is a term of the glossary is translated as it says, capitals as in the message."""
    with GLOSSARY.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    column = {"en": "en", "es": "es-MX"}[language]
    terms: dict[str, set[str]] = {}
    for row in rows:
        terms.setdefault(row["pt-BR"].lower(), set()).add(row[column].lower())
    found, wrong = 0, []
    for message in messages(read_catalogue(language)):
        text = forms(message.id)[0]
        if message.context or text.lower() not in terms or not message.string:
            continue
        found += 1
        said = forms(message.string)[0]
        if said.lower() not in terms[text.lower()] or said[0].isupper() != text[0].isupper():
            wrong.append((text, said))
    assert wrong == []
    assert found > 80


@pytest.mark.parametrize("language", REFUSED)
def test_no_word_the_glossary_refuses(language: str) -> None:
    pattern = re.compile(rf"\b(?:{REFUSED[language]})\b", re.I)
    catalogue = read_catalogue("en" if language == "pt-br" else language)
    texts = [
        text
        for message in messages(catalogue)
        for text in forms(message.id if language == "pt-br" else message.string)
    ]
    assert [text for text in texts if pattern.search(PLACEHOLDER.sub("", text))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_with_two_meanings_has_two_translations(language: str) -> None:
    meant = {
        (None, "Nota"): ("Note", "Nota"),
        ("score", "Nota"): ("Score", "Calificación"),
        (None, "Pedido"): ("Request", "Solicitud"),
        ("stock", "Pedido"): ("Requested", "Solicitado"),
        (None, "Outra"): ("Other", "Otro"),
        ("payment method", "Outra"): ("Other", "Otra"),
        (None, "Lidas"): ("Read", "Leídas"),
        ("messages", "Lidas"): ("Read", "Leídos"),
        (None, "Marcada"): ("Marked", "Marcada"),
        (None, "Agendada"): ("Scheduled", "Programada"),
    }
    found = {key(message): message.string for message in messages(read_catalogue(language))}
    assert {one: found[one] for one in meant} == {
        one: texts[LANGUAGES.index(language)] for one, texts in meant.items()
    }
