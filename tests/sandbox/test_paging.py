"""Pages: envelopes, bounds, order, walks that neither lose nor repeat a row, whatever changes meanwhile."""

from typing import Any

import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.support import Api

NAMES = [f"Cliente {number:03d}" for number in range(1, 124)]


def people(api: Api, names: list[str] = NAMES) -> None:
    api.act("create_customer", [{"name": name} for name in names])


def end(api: Api, body: Any) -> tuple[int, int, int]:
    """Page, last page and total out of an envelope."""
    if api.profile == "laravel":
        return body["meta"]["current_page"], body["meta"]["last_page"], body["meta"]["total"]
    return body["page"], body["pages"], body["total"]


@pytest.mark.parametrize("per_page", [1, 50, 123, 250])
def test_a_walk_sees_every_row_once_and_in_order(each_api: Api, per_page: int) -> None:
    people(each_api)
    walked: list[str] = []
    number = 1
    while rows := each_api.rows(f"customers?page={number}&per_page={per_page}"):
        walked += [row["name"] for row in rows]
        number += 1
    assert walked == NAMES
    assert number - 1 == -(-123 // per_page)


@pytest.mark.parametrize("profile", ["laravel", "items"])
def test_envelopes_tell_where_the_list_ends(sandbox: SandboxServer, profile: str) -> None:
    api = Api(sandbox, profile)
    assert end(api, api.get("customers")) == (1, 1, 0)
    people(api)
    assert end(api, api.get("customers")) == (1, 3, 123)
    assert end(api, api.get("customers?page=3")) == (3, 3, 123)
    past = api.get("customers?page=4")
    assert (end(api, past), api.rows("customers?page=4")) == ((4, 3, 123), [])


@pytest.mark.parametrize(
    ("query", "page", "per_page"),
    [
        ("", 1, 50),
        ("page=2", 2, 50),
        ("per_page=0", 1, 1),
        ("per_page=-7", 1, 1),
        ("per_page=251", 1, 250),
        ("per_page=99999999999999999999", 1, 250),
        ("page=0", 1, 50),
        ("page=-3", 1, 50),
        ("page=two&per_page=many", 1, 50),
        ("page=&per_page=", 1, 50),
        ("page=1.5", 1, 50),
        ("page=٢", 1, 50),
    ],
)
def test_page_and_size_are_kept_within_bounds(api: Api, query: str, page: int, per_page: int) -> None:
    people(api)
    reply = api.get(f"customers?{query}")
    assert (reply["meta"]["current_page"], reply["meta"]["per_page"]) == (page, per_page)
    start = (page - 1) * per_page
    assert [row["name"] for row in reply["data"]] == NAMES[start : start + per_page]


def test_a_page_beyond_all_numbers_is_empty(api: Api) -> None:
    people(api)
    assert api.rows("customers?page=99999999999999999999999") == []


def test_bare_gives_coupons_and_categories_whole(sandbox: SandboxServer) -> None:
    api = Api(sandbox, "bare")
    api.act("create_coupon", [{"name": f"Cupom {number}"} for number in range(60)])
    for number in range(60):
        api.post("categories", {"name": f"Categoria {number}"})
    for path in ("coupons", "coupons?page=2&per_page=10", "categories?page=9"):
        assert len(api.rows(path)) == 60
    laravel = Api(sandbox, "laravel")
    laravel.act("create_coupon", [{"name": f"Cupom {number}"} for number in range(60)])
    assert len(laravel.rows("coupons?page=2")) == 10


def test_vouchers_are_ordered_by_issue_then_code(api: Api) -> None:
    for now, codes in (
        ("2026-03-02T12:00:00Z", "BDA"),
        ("2026-03-01T12:00:00Z", "ZY"),
        ("2026-03-02T12:00:00Z", "C"),
    ):
        api.sandbox.clock(now)
        api.act("issue_voucher", [{"code": code} for code in codes])
    assert [row["code"] for row in api.rows("vouchers")] == list("YZABCD")
    for per_page in (1, 2, 4):
        walked: list[str] = []
        for number in range(1, 7):
            walked += [row["code"] for row in api.rows(f"vouchers?per_page={per_page}&page={number}")]
        assert walked == list("YZABCD")


def test_a_jump_finds_the_same_rows_as_a_walk(api: Api) -> None:
    people(api)
    for number in (9, 3, 12, 9, 1, 13, 5):
        rows = api.rows(f"customers?per_page=10&page={number}")
        assert [row["name"] for row in rows] == NAMES[number * 10 - 10 : number * 10]


def test_pages_move_when_a_row_comes_in_before_them(api: Api) -> None:
    api.sandbox.clock("2026-03-02T12:00:00Z")
    api.act("issue_voucher", [{"code": f"B{number}"} for number in range(6)])
    pages = [[row["code"] for row in api.rows(f"vouchers?per_page=2&page={number}")] for number in (1, 2, 3)]
    assert pages == [["B0", "B1"], ["B2", "B3"], ["B4", "B5"]]
    api.sandbox.clock("2026-03-01T12:00:00Z")
    api.token = None
    api.act("issue_voucher", {"code": "A0"})
    pages = [
        [row["code"] for row in api.rows(f"vouchers?per_page=2&page={number}")] for number in (4, 3, 2, 1)
    ]
    assert pages == [["B5"], ["B3", "B4"], ["B1", "B2"], ["A0", "B0"]]


def test_pages_move_when_a_row_vanishes(api: Api) -> None:
    people(api, NAMES[:9])
    for number in (1, 2, 3):
        api.rows(f"customers?per_page=3&page={number}")
    api.act("remove_customer", {"customer_id": 18233})
    api.act("remove_customer", {"customer_id": 18236})
    pages = [[row["id"] for row in api.rows(f"customers?per_page=3&page={number}")] for number in (1, 2, 3)]
    assert pages == [[18231, 18232, 18234], [18235, 18237, 18238], [18239]]
    assert api.get("customers?per_page=3")["meta"]["total"] == 7


def test_a_reset_forgets_the_pages(api: Api) -> None:
    people(api)
    assert api.rows("customers?per_page=50&page=3")[0]["name"] == "Cliente 101"
    api.sandbox.reset("empty")
    people(api, NAMES[::-1])
    assert api.rows("customers?per_page=50&page=3")[0]["name"] == "Cliente 023"


def test_ignored_paging_repeats_the_first_page(each_api: Api) -> None:
    people(each_api)
    first = each_api.rows("customers?per_page=50")
    each_api.sandbox.fault("ignore_paging", path="customers", times=2)
    assert each_api.rows("customers?per_page=50&page=2") == first
    assert len(each_api.rows("customers?per_page=40&page=3")) == 40
    assert each_api.rows("customers?per_page=50&page=2")[0]["name"] == "Cliente 051"


def test_an_ignored_filter_gives_everybody(each_api: Api) -> None:
    each_api.act(
        "create_customer", [{"name": "Ana", "cpf": "52998224725"}, {"name": "Bia", "cpf": "11144477735"}]
    )
    each_api.sandbox.fault("ignore_filter", method="GET", path="customers")
    assert [row["name"] for row in each_api.rows("customers?cpf=11144477735")] == ["Ana", "Bia"]
    assert [row["name"] for row in each_api.rows("customers?cpf=11144477735")] == ["Bia"]
