"""Every address of the program, walked: each view declares who may use it, and only they may."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.sites import site
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import get_converters

from smartbis_admin.staff.access import ANYONE, ROLE_ACCESS, SIGNED_IN, Access, Role
from smartbis_admin.staff.models import User
from smartbis_admin.ui.gate import AccessMixin
from tests.conftest import signed_in
from vouchers.contingency.endpoints import JsonAtTill

SAMPLES = {"int": 987_654, "uuid": "00000000-0000-4000-8000-000000000000", "str": "nenhum", "slug": "nenhum"}
METHODS = ("get", "post", "put", "patch", "delete")


def _patterns(
    resolver: URLResolver, names: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, (*names, entry.namespace) if entry.namespace else names)
        else:
            yield names, entry


EVERY = [(":".join((*names, entry.name or "")), entry) for names, entry in _patterns(get_resolver())]
OURS = [(name, entry) for name, entry in EVERY if not name.startswith("admin:")]
DECLARED = [
    (name, entry, entry.callback.view_class) for name, entry in OURS if hasattr(entry.callback, "view_class")
]


def _address(name: str, entry: URLPattern) -> str:
    kinds = {type(converter): kind for kind, converter in get_converters().items()}
    arguments = {key: SAMPLES[kinds[type(converter)]] for key, converter in entry.pattern.converters.items()}
    return reverse(name, kwargs=arguments)


def test_every_view_outside_the_administration_declares_its_access() -> None:
    undeclared = [
        name
        for name, entry in OURS
        if not issubclass(getattr(entry.callback, "view_class", object), AccessMixin)
        or not hasattr(entry.callback.view_class, "access")
    ]
    assert undeclared == []
    assert len(OURS) >= 30


def test_an_undeclared_view_is_noticed_at_import() -> None:
    with pytest.raises(Exception, match="declare access"):
        type("Forgetful", (AccessMixin,), {"__module__": __name__})


def test_every_address_has_a_name() -> None:
    assert [str(entry.pattern) for name, entry in OURS if not entry.name] == []


def test_the_administration_is_for_staff_only(client: Client) -> None:
    assert client.get(reverse("admin:index")).status_code == 302
    assert site.urls[1] == "admin"


def _may(role: Role | None, access: Access | str) -> bool:
    if access == ANYONE:
        return True
    if role is None:
        return access == SIGNED_IN
    return access == SIGNED_IN or access in ROLE_ACCESS[role]


@pytest.mark.one_database
@pytest.mark.parametrize(("name", "entry", "view"), DECLARED, ids=[name for name, *_ in DECLARED])
def test_nobody_without_the_permission_gets_in(
    name: str, entry: URLPattern, view: Any, people: dict[Role | None, User], client: Client
) -> None:
    """The gate answers before the view does, whatever the method: whoever may pass gets anything else."""
    address = _address(name, entry)
    if view.access != ANYONE:
        # A script is told so; a person is led to the login page.
        led_to = "" if issubclass(view, JsonAtTill) else reverse(settings.LOGIN_URL)
        for method in METHODS:
            response = getattr(client, method)(address)
            told = (response.status_code, response.headers.get("Location", "").partition("?")[0])
            assert told == (302 if led_to else 401, led_to), method
    for role, person in people.items():
        if _may(role, view.access):
            continue
        theirs = signed_in(person)
        refused = {method: getattr(theirs, method)(address).status_code for method in METHODS}
        assert refused == dict.fromkeys(METHODS, 403), (role, address)


@pytest.mark.parametrize(("name", "entry", "view"), DECLARED, ids=[name for name, *_ in DECLARED])
def test_whoever_has_the_permission_gets_in(
    name: str, entry: URLPattern, view: Any, people: dict[Role | None, User]
) -> None:
    """Reading with the permission never ends in 403 or 500; things that are not there are 404."""
    address = _address(name, entry)
    for role, person in people.items():
        if not _may(role, view.access):
            continue
        response = signed_in(person).get(address)
        assert response.status_code in (200, 204, 302, 404, 405, 409), (role, address)
        if response.status_code == 302:
            assert not response.url.startswith(reverse(settings.LOGIN_URL)) or name == "staff:login"


@pytest.mark.parametrize("role", [*Role, None])
def test_each_role_has_exactly_its_permissions(role: Role | None, people: dict[Role | None, User]) -> None:
    granted = {access for access in Access if people[role].may(access)}
    assert granted == (set(ROLE_ACCESS[role]) if role else set())
