"""Smile's pages: cursors both ways, numbered pages where they still exist, filters, and what faults make of them."""

import base64

import pytest

from tests.sandbox.smile.support import Smile, error

NAMES = [f"c{number:03d}@loja.example" for number in range(1, 124)]


def people(smile: Smile, names: list[str] = NAMES) -> None:
    smile.act("add_customer", [{"email": name, "state": "candidate"} for name in names])


def emails(smile: Smile, query: str) -> list[str]:
    return [row["email"] for row in smile.get(f"customers?{query}")["customers"]]


@pytest.mark.parametrize("size", [1, 50, 123, 250])
def test_a_walk_sees_every_row_once_newest_first(each_smile: Smile, size: int) -> None:
    people(each_smile)
    assert [row["email"] for row in each_smile.walk("customers", size=size)] == NAMES[::-1]


def test_a_cursor_leads_back_as_well(each_smile: Smile) -> None:
    people(each_smile)
    first = each_smile.get("customers?limit=50")
    assert first["metadata"]["previous_cursor"] is None
    assert base64.b64decode(first["metadata"]["next_cursor"]) == b"id:74,direction:next"
    second = each_smile.get(f"customers?limit=50&cursor={first['metadata']['next_cursor']}")
    third = each_smile.get(f"customers?limit=50&cursor={second['metadata']['next_cursor']}")
    assert (len(third["customers"]), third["metadata"]["next_cursor"]) == (23, None)
    back = each_smile.get(f"customers?limit=50&cursor={third['metadata']['previous_cursor']}")
    assert back == second
    assert each_smile.get(f"customers?limit=50&cursor={back['metadata']['previous_cursor']}") == first


def test_a_row_that_comes_in_meanwhile_moves_nothing(each_smile: Smile) -> None:
    people(each_smile, NAMES[:6])
    first = each_smile.get("customers?limit=3")
    people(each_smile, NAMES[6:8])
    rest = each_smile.get(f"customers?limit=9&cursor={first['metadata']['next_cursor']}")
    assert [row["email"] for row in rest["customers"]] == NAMES[2::-1]


def test_fifty_rows_unless_asked_otherwise(each_smile: Smile) -> None:
    people(each_smile)
    assert emails(each_smile, "") == NAMES[:-51:-1]
    assert emails(each_smile, "limit=2&sort=name") == NAMES[:-3:-1]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=251", "limit=-1", "limit=many", "limit=", "limit=1.5", "cursor=x", "cursor=aWQ6MQ=="],
)
def test_a_page_that_makes_no_sense_is_refused(each_smile: Smile, query: str) -> None:
    name = query.partition("=")[0]
    text = "cursor is invalid." if name == "cursor" else "limit must be between 1 and 250."
    assert error(each_smile.call("GET", f"customers?{query}")) == (400, text)


@pytest.mark.parametrize("query", ["page_size=50", "page=1&page_size=50", "page=1"])
def test_numbered_pages_oldest_first_only_once_upon_a_time(each_smile: Smile, query: str) -> None:
    people(each_smile)
    page = each_smile.get(f"customers?{query}")
    if each_smile.current:
        assert [row["email"] for row in page["customers"]] == NAMES[:-51:-1]
        assert "metadata" in page
    else:
        assert [row["email"] for row in page["customers"]] == NAMES[:50]
        assert "metadata" not in page
        assert emails(each_smile, f"{query}&page=3&page_size=50") == NAMES[100:]
        assert emails(each_smile, "page=4&page_size=50") == []
        # A limit asks for cursors, whatever else is there.
        assert "metadata" in each_smile.get(f"customers?{query}&limit=5")


def test_products_have_numbered_pages_in_both(each_smile: Smile) -> None:
    each_smile.act("add_product", [{"name": f"P{place}", "points_price": 10 + place} for place in range(5)])

    def prices(query: str) -> list[int]:
        page = each_smile.get(f"points_products?{query}")
        assert list(page) == ["points_products"]
        return [row["points_price"] for row in page["points_products"]]

    assert prices("page_size=2") == [10, 11]
    assert prices("page_size=2&page=3") == [14]
    assert prices("page_size=2&page=4") == []
    assert prices("limit=1") == [10, 11, 12, 13, 14]
    for query in ("page_size=0", "page_size=251", "page=0", "page=x"):
        assert each_smile.call("GET", f"points_products?{query}").status_code == 400


def test_filters_of_customers(each_smile: Smile) -> None:
    for email, state, at in (
        ("ana@loja.example", "member", "2026-03-01T12:00:00Z"),
        ("ANA@loja.example", "candidate", "2026-03-02T12:00:00Z"),
        ("bia@loja.example", "disabled", "2026-03-03T12:00:00Z"),
    ):
        each_smile.sandbox.clock(at)
        each_smile.act("add_customer", email=email, state=state)
    assert emails(each_smile, "email=Ana@Loja.example") == ["ANA@loja.example", "ana@loja.example"]
    assert emails(each_smile, "email=ana@loja.example&state=member") == ["ana@loja.example"]
    assert emails(each_smile, "state=disabled") == ["bia@loja.example"]
    # After, not at: a customer that changed at that very moment is not listed.
    assert emails(each_smile, "updated_at_min=2026-03-02T12:00:00.000Z") == ["bia@loja.example"]
    assert emails(each_smile, "updated_at_min=2026-03-02T08:59:59-03:00") == [
        "bia@loja.example",
        "ANA@loja.example",
    ]
    assert emails(each_smile, "updated_at_min=2026-03-03") == ["bia@loja.example"]
    each_smile.fault("ignore_filter", path="v1/customers")
    assert len(emails(each_smile, "email=nobody&state=member")) == 3
    assert emails(each_smile, "email=nobody") == []


def test_filters_of_transactions(each_smile: Smile) -> None:
    each_smile.act("add_customer", [{"email": "a@loja.example"}, {"email": "b@loja.example"}])
    for at, number, points in (("01", 1, 10), ("02", 2, 20), ("03", 1, 30)):
        each_smile.sandbox.clock(f"2026-03-{at}T12:00:00Z")
        each_smile.act("credit", customer_id=number, points=points)

    def changes(query: str) -> list[int]:
        return [row["points_change"] for row in each_smile.walk(f"points_transactions?{query}", size=1)]

    assert changes("customer_id=1") == [30, 10]
    assert changes("customer_id=9") == []
    # At or after: here the moment itself counts.
    assert changes("updated_at_min=2026-03-02T12:00:00Z") == [30, 20]
    assert changes("updated_at_min=2026-03-02T12:00:00.001Z&customer_id=2") == []
    each_smile.fault("ignore_filter", path="v1/points_transactions", times=3)
    assert changes("customer_id=2") == [30, 20, 10]


def test_filters_of_fulfilments(smile: Smile) -> None:
    smile.act("add_customer", [{"email": "a@loja.example"}, {"email": "b@loja.example"}])
    smile.act("fulfil", customer_id=1, name="A", used=True)
    smile.act("fulfil", customer_id=1, name="B", status="pending")
    smile.act("fulfil", customer_id=2, name="C", tracked=False)

    def names(query: str) -> list[str]:
        return [row["name"] for row in smile.walk(f"reward_fulfillments?{query}", size=1)]

    assert names("") == ["C", "B", "A"]
    assert names("customer_id=1") == ["B", "A"]
    assert names("fulfillment_status=pending") == ["B"]
    assert names("usage_status=used") == ["A"]
    assert names("usage_status=untracked&customer_id=2") == ["C"]
    assert names("updated_at_min=2026-03-05T17:31:41Z") == []
    for query in ("fulfillment_status=gone", "usage_status=gone", "customer_id=x", "updated_at_min=x"):
        assert smile.call("GET", f"reward_fulfillments?{query}").status_code == 400


def test_ignored_paging_repeats_the_first_page(each_smile: Smile) -> None:
    people(each_smile)
    first = each_smile.get("customers?limit=50")
    each_smile.fault("ignore_paging", path="v1/customers")
    again = f"customers?limit=50&cursor={first['metadata']['next_cursor']}"
    assert each_smile.get(again) == first
    assert each_smile.get(again) != first
    each_smile.act("add_product", [{"name": f"P{place}", "points_price": 10} for place in range(5)])
    page = each_smile.get("points_products?page_size=2")
    each_smile.fault("ignore_paging", path="v1/points_products")
    assert each_smile.get("points_products?page_size=2&page=2") == page


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("customers", "include=vip_tier"),
        ("customers", "include=vip_status.vip_tier"),
        ("customers/1", "include=points"),
        ("vip_tiers", "include=members"),
    ],
)
def test_an_unknown_include_is_refused(smile: Smile, path: str, query: str) -> None:
    status, text = error(smile.call("GET", f"{path}?{query}"))
    assert (status, text.partition(" must")[0]) == (400, "include")


def test_each_key_has_its_own_data(smile: Smile) -> None:
    smile.act("add_customer", email="a@loja.example")
    other = Smile(smile.sandbox, "2017")
    assert other.get("customers")["customers"] == []
    assert other.call("GET", "customers/1").status_code == 404
