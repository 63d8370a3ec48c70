"""Every screen in English and Spanish: no word of Portuguese is left on it, and values look as the glossary says.

Rows are named in words of no language, so that whatever is Portuguese on a page is ours.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.forms import DateField
from django.test import Client, RequestFactory
from django.urls import URLPattern, reverse
from django.urls.converters import get_converters
from django.utils import translation
from django.views.defaults import server_error

from customers.bridge.views.assistant import OneBridge
from customers.models import Customer
from smartbis_admin.staff.models import User
from smartbis_admin.ui import formats
from smartbis_admin.ui.views import FormView
from tests.access.test_urlconf import EVERY, OURS
from tests.conftest import signed_in
from tests.i18n.catalogues import LANGUAGES, PLACEHOLDER, forms, messages, read_catalogue
from tests.i18n.conftest import ACCOUNTS, NUMBER, OTHER_UUID, SHOP, UUID_KEY, WALLET
from vouchers.dashboard.catalogue import INDICATORS
from vouchers.models import Voucher
from vouchers.outreach.models import Message
from vouchers.outreach.tokens import opt_out_token, survey_token

SAMPLES = {"int": NUMBER, "uuid": UUID_KEY, "str": "qwx", "slug": "qwx"}
#: Arguments that must be a word the program knows.
KNOWN = {
    "trigger": "inactive", "channel": "email", "language": "pt-br", "provider": "smartpos", "span": "month",
    "flag": "conflicting_data",
}  # fmt: skip
#: Where one page says more than what every other is asked with: by name, or by the part before its colon.
ASKED: dict[str, list[dict[str, Any]]] = {
    "connections:detail": [{}, *({"pk": pk} for pk in (*ACCOUNTS, SHOP, WALLET))],
    "customers:detail": [{}, {"pk": SHOP}, {"pk": WALLET}],
    "points": [{"pk": SHOP}],
    "wallet": [{"pk": WALLET}],
    "products": [{"pk": SHOP}],
    "products:purchase": [{"pk": OTHER_UUID}],
    "reversals:open": [{"pk": OTHER_UUID}],
    "offers:detail": [{"pk": NUMBER + number} for number in range(4)],
    "figure": [{"key": key} for key in INDICATORS],
    "outreach:opt_out": [{"token": opt_out_token(UUID_KEY)}],
    "outreach:survey": [{"token": survey_token(UUID_KEY)}],
}
#: What is no page to look at: another program calls it, or it is a part of a page that says which.
NO_PAGE = {"outreach:webhook", "outreach:results_part"}
#: What only leads on: a login for somebody signed in, an assistant to its step, a kind of import, a part of a page.
LEADS_ON = {"staff:login", "bridge:assistant", "rewards:stock_file", "outreach:campaign_progress"}
SHOWN_ATTRIBUTES = {"title", "aria-label", "placeholder", "alt", "data-label", "content"}
#: Letters that neither English nor Spanish has, and the commonest word that both lack.
PORTUGUESE = re.compile(r"[ãõçêôâàÃÕÇÊÔÂÀ]|\bnão\b")


class Words(HTMLParser):
    """Collects what a person reads or hears; what says of itself that it is in another language is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent:
            self._silent += [tag] if tag == self._silent[0] else []
        elif tag in {"script", "style"} or (tag != "html" and dict(attrs).get("lang")):
            self._silent.append(tag)
        else:
            self.nodes += [
                value or ""
                for name, value in attrs
                if name in SHOWN_ATTRIBUTES or name.startswith("data-text")
            ]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.nodes.append(data)


def words_of(page: str) -> list[str]:
    """The texts of a page, their white space made plain."""
    parser = Words()
    parser.feed(page)
    return [text for node in parser.nodes if (text := " ".join(node.split()))]


class Left:
    """Finds Portuguese in the texts of a page that should be in another language."""

    def __init__(self, language: str) -> None:
        pairs = [
            (source, translation)
            for message in messages(read_catalogue(language))
            for source, translation in zip(forms(message.id), forms(message.string), strict=True)
        ]
        said = "\n".join(translation for _source, translation in pairs)
        translations = {translation for _source, translation in pairs}
        pieces = {
            piece.strip(" .,:;?!()“”")
            for source, _translation in pairs
            for piece in PLACEHOLDER.split(source)
        }
        #: Sentences and parts of them, wherever they stand.
        self.phrases = [piece for piece in pieces if " " in piece and len(piece) >= 8 and piece not in said]
        #: Single words, where they stand alone.
        self.terms = {source for source, _translation in pairs if len(source) > 1} - translations

    def on(self, texts: list[str]) -> list[str]:
        found = [
            text for text in texts if text.strip(" 0123456789:.,()%") in self.terms or PORTUGUESE.search(text)
        ]
        whole = "\n".join(texts)
        return found + [phrase for phrase in self.phrases if phrase in whole]


def address(name: str, entry: URLPattern, **known: Any) -> str:
    kinds = {type(converter): kind for kind, converter in get_converters().items()}
    arguments = {
        key: (KNOWN | known).get(key) or SAMPLES[kinds[type(converter)]]
        for key, converter in entry.pattern.converters.items()
    }
    return reverse(name, kwargs=arguments)


def in_language(person: User, language: str) -> Client:
    """A browser of this person that has chosen a language."""
    client = signed_in(person)
    client.post(reverse("staff:language"), {"language": language, "next": "/"})
    return client


def walk() -> Iterator[tuple[str, type, str]]:
    """(name, view, address) of every page of ours; what is about a SmartPOS account is there once for each."""
    for name, entry in OURS:
        view = entry.callback.view_class
        asked = ASKED.get(name) or ASKED.get(name.partition(":")[0]) or [{}]
        for known in [{"pk": pk} for pk in ACCOUNTS] if issubclass(view, OneBridge) else asked:
            yield name, view, address(name, entry, **known)


def pages(client: Client) -> Iterator[tuple[str, str]]:
    """(address, HTML) of every page of ours: as it is first seen, and as it refuses an empty form."""
    for name, view, where in walk():
        response = client.get(where)
        expected = {404, 405} if name in NO_PAGE else {302} if name in LEADS_ON else {200, 204, 405}
        assert response.status_code in expected, (name, where)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            yield where, response.content.decode()
        if issubclass(view, FormView) and response.status_code == 200:
            refusal = client.post(where, {})
            if refusal.status_code == 200 and not refusal.streaming:
                yield f"{where} (POST)", refusal.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_portuguese_is_left_on_any_page(language: str, everything: None, owner: User) -> None:
    client = in_language(owner, language)
    client.post(reverse("vouchers:till_place"), {"till": NUMBER})
    Message.objects.filter(pk=UUID_KEY).update(language=language)  # what it leads to speaks its language
    left, seen, wrong = Left(language), 0, {}
    for where, html in pages(client):
        seen += 1
        assert f'lang="{language}"' in html or "<html" not in html, where
        if found := left.on(words_of(html)):
            wrong[where] = found
    assert wrong == {}
    assert seen >= 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_portuguese_is_left_in_the_administration(language: str, everything: None, owner: User) -> None:
    owner.is_superuser = True
    owner.save()
    client, left, wrong = in_language(owner, language), Left(language), {}
    lists = [
        name
        for name, _entry in EVERY
        if name.startswith("admin:") and name.endswith(("_changelist", "_add", ":index"))
    ]
    for name in lists:
        response = client.get(reverse(name))
        assert response.status_code in {200, 403}, name
        # Names of permissions ("app | model | name") are rows, made when the database was.
        texts = [text for text in words_of(response.content.decode()) if " | " not in text]
        if found := left.on(texts):
            wrong[name] = found
    assert wrong == {}
    assert len(lists) >= 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_portuguese_is_left_in_exports(language: str, everything: None, owner: User) -> None:
    client, left, wrong, seen = in_language(owner, language), Left(language), {}, 0
    for name, entry in OURS:
        response = client.get(address(name, entry), {"export": "csv"})
        if not response.headers.get("Content-Type", "").startswith("text/csv"):
            continue
        seen += 1
        text = b"".join(response).decode("utf-8-sig") if response.streaming else response.content.decode()
        if found := left.on([cell.strip('"') for line in text.splitlines() for cell in line.split(";")]):
            wrong[name] = found
    assert wrong == {}
    assert seen >= 8


def test_the_search_for_portuguese_finds_it(everything: None, owner: User) -> None:
    """The same search, on pages that are in Portuguese."""
    client, left = in_language(owner, "pt-br"), Left("es")
    for name in ("home", "customers:list", "rewards:list", "vouchers:list", "writes:in_doubt"):
        assert len(left.on(words_of(client.get(reverse(name)).content.decode()))) >= 8, name


# --- The switch and the formats ---------------------------------------------------------------------------
def test_the_switch_changes_the_language_and_brings_one_back(manager_client: Client) -> None:
    where = reverse("customers:list")
    assert "<h1>Clientes</h1>" in re.sub(r"<h1[^>]*>\s*", "<h1>", manager_client.get(where).content.decode())
    for language, word in (("en", "Customers"), ("es", "Clientes"), ("pt-br", "Clientes")):
        response = manager_client.post(reverse("staff:language"), {"language": language, "next": where})
        assert (response.status_code, response.url) == (302, where)
        assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == language
        page = manager_client.get(where).content.decode()
        assert f'<html lang="{language}"' in page
        assert re.search(rf"<h1[^>]*>\s*{word}\s*<", page)


def test_the_switch_knows_no_other_language_and_no_other_site(manager_client: Client) -> None:
    response = manager_client.post(
        reverse("staff:language"), {"language": "fr", "next": "https://elsewhere.invalid/"}
    )
    assert response.status_code == 302
    assert "elsewhere" not in response.url
    assert '<html lang="pt-br"' in manager_client.get(reverse("customers:list")).content.decode()


@pytest.mark.parametrize(
    ("language", "amount", "points", "day", "moment"),
    [
        ("pt-br", "R$ 1.234,56", "1.234,5", "05/03/2026", "05/03/2026 14:31"),
        ("en", "R$1,234.56", "1,234.5", "5 Mar 2026", "5 Mar 2026, 14:31"),
        ("es", "R$1,234.56", "1,234.5", "05/03/2026", "05/03/2026 14:31"),
    ],
)
def test_values_look_as_the_glossary_says(
    language: str, amount: str, points: str, day: str, moment: str, everything: None, manager: User
) -> None:
    Customer.objects.update(birth_date="2026-03-05")
    Voucher.objects.update(used_at="2026-03-05T17:31:00Z", value=Decimal("1234.56"))
    client = in_language(manager, language)
    customer = " ".join(client.get(reverse("customers:detail", args=[NUMBER])).content.decode().split())
    assert amount in customer
    assert f">{points}<" in customer
    assert f">{day}<" in customer
    voucher = " ".join(client.get(reverse("vouchers:detail", args=[NUMBER])).content.decode().split())
    assert amount in voucher
    assert moment in voucher
    assert "•••.982.247-••" in voucher


@pytest.mark.parametrize(
    ("language", "several", "one"),
    [
        ("pt-br", "1.234,5 pontos", "1 ponto"),
        ("en", "1,234.5 points", "1 point"),
        ("es", "1,234.5 puntos", "1 punto"),
    ],
)
def test_points_carry_their_word(language: str, several: str, one: str) -> None:
    with translation.override(language):
        assert (formats.points(Decimal("1234.5")), formats.points(1)) == (several, one)


@pytest.mark.parametrize(("language", "text"), [("pt-br", "1234,5"), ("en", "1234.5"), ("es", "1234.5")])
def test_numbers_of_a_file_have_the_separator_of_the_language(language: str, text: str) -> None:
    """Mexico's, not Spain's, which is what Django has for Spanish."""
    with translation.override(language):
        assert formats.export_value(Decimal("1234.50")) == text


@pytest.mark.parametrize("language", ["pt-br", *LANGUAGES])
def test_a_typed_date_has_its_day_first(language: str) -> None:
    with translation.override(language):
        assert DateField().clean("05/03/2026") == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("language", "title"),
    [("pt-br", "Algo deu errado"), ("en", "Something went wrong"), ("es", "Algo salió mal")],
)
def test_the_failure_page_speaks_the_language_of_the_person(language: str, title: str) -> None:
    with translation.override(language):
        page = server_error(RequestFactory().get("/")).content.decode()
    assert f"<h1>{title}</h1>" in page
    assert f'<html lang="{language}"' in page
