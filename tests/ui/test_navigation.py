"""Everybody sees the places they may go to, and no other."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from smartbis_admin.staff.access import ANYONE, SIGNED_IN, Access, Role
from smartbis_admin.staff.models import User
from smartbis_admin.ui import navigation
from smartbis_admin.ui.vendor import BROWSER_TESTS, STATIC, SUMS, differences, sums_of

SEEN = {
    Role.OWNER: [link.url_name for link in navigation.NAVIGATION],
    Role.MANAGER: [link.url_name for link in navigation.NAVIGATION][:-2],
    Role.CASHIER: ["customers:list", "vouchers:till"],
    Role.VIEWER: [
        "home",
        "customers:list",
        "customers:sale_list",
        "bridge:list",
        "rewards:list",
        "rewards:category_list",
        "products:list",
        "offers:list",
        "vouchers:list",
        "fulfilments:list",
        "sync:overview",
        "rules:overview",
    ],
    None: [],
}


@pytest.mark.parametrize("role", [*Role, None])
def test_each_role_sees_its_places(people: dict[Role | None, User], role: Role | None) -> None:
    assert [link.url_name for link in navigation.NAVIGATION if link.is_for(people[role])] == SEEN[role]


def test_may(people: dict[Role | None, User]) -> None:
    nobody = AnonymousUser()
    assert navigation.may(nobody, ANYONE)
    assert not navigation.may(nobody, SIGNED_IN)
    assert not navigation.may(nobody, Access.USE_TILL)
    assert navigation.may(people[None], SIGNED_IN)
    assert not navigation.may(people[None], Access.USE_TILL)
    assert navigation.may(people[Role.CASHIER], Access.USE_TILL)
    people[Role.CASHIER].is_active = False
    assert not navigation.may(people[Role.CASHIER], Access.USE_TILL)


def test_the_longest_fitting_entry_is_the_current_one(
    manager: User, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = tuple(
        navigation.Link(name, "gift", name, SIGNED_IN) for name in ("home", "demo:list", "demo:create")
    )
    monkeypatch.setattr(navigation, "NAVIGATION", links)
    monkeypatch.setattr(navigation, "_BADGES", {"demo:list": lambda: 3})
    for path, current in {
        "/": "home",
        "/demo/7/": "demo:list",
        "/demo/nova/": "demo:create",
        "/x/": None,
    }.items():
        request = rf.get(path)
        request.user = manager
        entries = navigation.entries(request)
        assert [entry["label"] for entry in entries if entry["current"]] == ([current] if current else [])
        assert [entry["badge"] for entry in entries] == [None, 3, None]


def test_vendored_files_are_what_they_were() -> None:
    assert differences() == []
    for folder in (STATIC, BROWSER_TESTS):
        assert (folder / SUMS).read_text("ascii") == sums_of(folder)
