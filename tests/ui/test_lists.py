"""The list screen shows what the URL says, with or without htmx, in a constant number of queries."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from smartbis_admin.staff.models import User
from smartbis_admin.ui.paging import TOTAL_LIMIT
from tests.ui import demo

HTMX = {"HX-Request": "true"}


class _Links(HTMLParser):
    """Collects `<a>` by its rel, its id or its text, and the texts of the first cells."""

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, str] = {}
        self._open: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            known = dict(attrs)
            self._open, self._text = known.get("href") or "", ""
            for name in ("rel", "id"):
                if known.get(name):
                    self.links[str(known[name])] = self._open

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open is not None:
            self.links.setdefault(" ".join(self._text.split()), self._open)
            self._open = None


def links(response: Any) -> dict[str, str]:
    parser = _Links()
    parser.feed(response.content.decode())
    return parser.links


def names(response: Any) -> list[str]:
    return [row.record.first_name for row in response.context["table"].paginated_rows]


def make_people(count: int, **fields: Any) -> None:
    User.objects.bulk_create(
        User(email=f"p{i:03}@people.test", first_name=f"P{i:03}", **fields) for i in range(count)
    )


@pytest.fixture
def forty(manager: User) -> None:
    make_people(40)


def test_the_page_walks_by_links_forward_and_back(manager_client: Client, forty: None) -> None:
    first = manager_client.get("/demo/")
    assert names(first) == ["Marta", *(f"P{i:03}" for i in range(24))]
    assert "prev" not in links(first)
    second = manager_client.get("/demo/" + links(first)["next"])
    assert names(second) == [f"P{i:03}" for i in range(24, 40)]
    assert "next" not in links(second)
    assert names(manager_client.get("/demo/" + links(second)["prev"])) == names(first)


def test_page_size_is_remembered(manager_client: Client, forty: None) -> None:
    assert len(names(manager_client.get("/demo/?per_page=50"))) == 41
    assert len(names(manager_client.get("/demo/"))) == 41
    assert len(names(manager_client.get("/demo/?per_page=7"))) == 41
    assert len(names(manager_client.get("/demo/?per_page=25"))) == 25


def test_sorting_keeps_the_filter_and_drops_the_position(manager_client: Client, forty: None) -> None:
    first = manager_client.get("/demo/?q=P0&sort=-first_name")
    assert names(first)[:2] == ["P039", "P038"]
    second = links(first)["next"]
    assert parse_qs(second[1:]) | {"after": None} == {"q": ["P0"], "sort": ["-first_name"], "after": None}
    turned = links(manager_client.get("/demo/" + second))["sort-first_name"]
    assert parse_qs(turned[1:]) == {"q": ["P0"], "sort": ["first_name"]}


@pytest.mark.parametrize("sort", ["email", "-nothing", "first_name,,", "password"])
def test_an_order_that_is_not_offered_changes_nothing(manager_client: Client, forty: None, sort: str) -> None:
    response = manager_client.get("/demo/?" + urlencode({"sort": sort}))
    assert response.status_code == 200
    assert sorted(names(response)) == sorted(names(manager_client.get("/demo/")))


def test_chips_name_each_filter_and_remove_it(manager_client: Client, forty: None) -> None:
    response = manager_client.get(
        "/demo/?q=P03&is_active=True&date_joined_from=2026-01-01&date_joined_to=2099-12-31&sort=-first_name"
    )
    chips = [(str(chip.label), str(chip.value)) for chip in response.context["filters"].chips]
    assert chips == [
        ("Buscar", "P03"),
        ("Situação", "ativo"),
        ("Data de cadastro", "01/01/2026 a 31/12/2099"),
    ]
    without = response.context["filters"].chips[2].without
    assert parse_qs(without[1:]) == {"q": ["P03"], "is_active": ["True"], "sort": ["-first_name"]}
    assert len(names(response)) == 10


def test_a_day_is_a_day_of_the_local_time_zone(manager_client: Client, manager: User) -> None:
    # 02:30 in UTC is still the evening before in São Paulo.
    User.objects.update(date_joined=datetime(2026, 3, 6, 2, 30, tzinfo=UTC))
    assert names(manager_client.get("/demo/?date_joined_to=2026-03-05")) == ["Marta"]
    assert names(manager_client.get("/demo/?date_joined_from=2026-03-06")) == []


@pytest.mark.parametrize("query", ["date_joined_from=xx", "is_active=perhaps", "date_joined_to=31/02/2026"])
def test_an_unreadable_filter_shows_nothing_and_says_so(
    manager_client: Client, forty: None, query: str
) -> None:
    response = manager_client.get(f"/demo/?{query}")
    assert names(response) == []
    text = response.content.decode()
    assert "Um dos filtros não pôde ser lido." in text
    assert 'class="field-error"' in text
    assert len(response.context["filters"].chips) == 1


def test_two_kinds_of_empty(
    manager_client: Client, viewer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_matches = manager_client.get("/demo/?q=zzz").content.decode()
    assert "Nada corresponde aos filtros" in nothing_matches
    assert "Nada aqui ainda" not in nothing_matches
    monkeypatch.setattr(demo.PersonList, "queryset", User.objects.none())
    nothing_yet = manager_client.get("/demo/").content.decode()
    for_viewer = viewer_client.get("/demo/").content.decode()
    assert "Nada aqui ainda" in nothing_yet
    assert "Cadastre a primeira pessoa." in nothing_yet
    assert nothing_yet.count('href="/demo/nova/"') == 2
    assert "/demo/nova/" not in for_viewer


def test_totals_are_exact_up_to_the_limit_and_honest_beyond(manager_client: Client) -> None:
    make_people(3)
    assert "4 resultados" in manager_client.get("/demo/").content.decode()
    User.objects.bulk_create(User(email=f"m{i}@people.test") for i in range(TOTAL_LIMIT))
    assert "mais de 1.000" in manager_client.get("/demo/").content.decode()


def test_htmx_gets_the_part_that_changes(manager_client: Client, forty: None) -> None:
    part = manager_client.get("/demo/?q=P00", headers=HTMX)
    text = part.content.decode()
    assert "<html" not in text
    assert text.count('id="list"') == 1
    assert 'id="filters"' in text
    assert 'hx-swap-oob="true"' in text
    assert names(part) == [f"P{i:03}" for i in range(10)]
    asked_by_form = manager_client.get("/demo/?q=P00", headers={**HTMX, "HX-Trigger": "filters"})
    assert 'id="filters"' not in asked_by_form.content.decode()
    restored = manager_client.get("/demo/", headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert "<html" in restored.content.decode()
    assert {"HX-Request", "Cookie"} <= {name.strip() for name in part["Vary"].split(",")}
    assert "no-store" in part["Cache-Control"]


def test_query_count_does_not_depend_on_the_rows(manager_client: Client, manager: User) -> None:
    counts = []
    for rows in (1, 39):  # with the manager: 2 and 40
        make_people(rows)
        with CaptureQueriesContext(connection) as queries:
            manager_client.get("/demo/")
        counts.append(len(queries))
        User.objects.filter(email__startswith="p0").delete()
    assert counts[0] == counts[1]


def test_age_of_the_data(manager_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "DATA_AGE", [None])
    assert "Ainda não sincronizado" in manager_client.get("/demo/").content.decode()
    monkeypatch.setattr(demo, "DATA_AGE", [timezone.now() - timedelta(minutes=12)])
    assert "data-age>há 12 min.</time>" in manager_client.get("/demo/").content.decode()


def csv_of(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/demo/?export=csv{query}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return b"".join(response.streaming_content).decode().split("\r\n")  # type: ignore[attr-defined]


def test_csv_holds_what_is_filtered_in_its_order(manager_client: Client, forty: None) -> None:
    moment = datetime(2026, 3, 5, 17, 31, tzinfo=UTC)
    User.objects.update(date_joined=moment, last_login=None)
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC)):
        manager_client.force_login(
            User.objects.get(first_name="Marta"), "django.contrib.auth.backends.ModelBackend"
        )
        response = manager_client.get("/demo/?export=csv")
        lines = csv_of(manager_client, "&q=P03&sort=-first_name")
    assert response["Content-Disposition"] == 'attachment; filename="pessoas-2026-11-21.csv"'
    pk = User.objects.get(first_name="P039").pk
    balance = f"{pk * 123456 / 100:.2f}".rstrip("0").rstrip(".").replace(".", ",")
    header = "\ufeffPrimeiro nome;E-mail;Ativo;Último login;Data de registro;Saldo;Pontos"
    assert lines[0] == header
    assert lines[1] == f"P039;p039@people.test;ativo;;05/03/2026 14:31;{balance};{balance}"
    assert [line.split(";")[0] for line in lines[1:-1]] == [f"P{i:03}" for i in range(39, 29, -1)]


@pytest.mark.parametrize("name", ["=1+1", "+55", "-2", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_csv_holds_no_formula(manager_client: Client, manager: User, name: str) -> None:
    User.objects.create(email="x@people.test", first_name=name)
    assert f"'{name};x@people.test;" in "\n".join(csv_of(manager_client, "&q=x@people"))


def test_csv_is_streamed_in_a_constant_number_of_queries(manager_client: Client, forty: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        lines = csv_of(manager_client)
    assert len(lines) == 43  # header, 41 people, the end
    assert sum("staff_user" in query["sql"] and "balance" in query["sql"] for query in queries) == 1


def test_nobody_exports_what_they_may_not_see(stranger_client: Client, forty: None) -> None:
    response = stranger_client.get("/demo/?export=csv")
    assert response.status_code == 403
    assert b"P001" not in response.content
