"""Django's own pages: for whoever manages the staff, by role alone, and no way from there to more."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import Store, Till, User
from tests.conftest import signed_in

INDEX = "/admin/"


def _person(pk: int) -> str:
    return reverse("admin:staff_user_change", args=[pk])


def test_only_who_manages_the_staff_comes_in(people: dict[Role | None, User], client: Client) -> None:
    User.objects.update(is_staff=False)
    came_in = {role for role, person in people.items() if signed_in(person).get(INDEX).status_code == 200}
    assert came_in == {Role.OWNER}
    # The mark Django's own site goes by lets nobody in.
    User.objects.update(is_staff=True)
    assert signed_in(people[Role.MANAGER]).get(INDEX).status_code == 302
    assert signed_in(people[Role.MANAGER]).get(_person(people[Role.OWNER].pk)).status_code == 302
    assert client.get(INDEX).status_code == 302


def test_the_pages_carry_the_programs_name(owner_client: Client) -> None:
    text = owner_client.get(INDEX).content.decode()
    assert "<title>Administração · Smartbis Admin</title>" in text
    assert "Django" not in text
    assert "Usuários" in text


def test_an_owner_gives_roles_and_nobody_everything(
    owner: User, cashier: User, owner_client: Client, make_person: Callable[..., User]
) -> None:
    manager = next(pk for pk, name in _groups(cashier) if name == "manager")
    given = {"email": cashier.email, "is_active": "on", "is_superuser": "on", "groups": [manager]}
    assert owner_client.post(_person(cashier.pk), given).status_code == 302
    cashier.refresh_from_db()
    assert [group.name for group in cashier.groups.all()] == ["manager"]
    assert not cashier.is_superuser
    keeper = make_person("kurt", is_superuser=True)
    took_over = {"email": owner.email, "is_active": "on"}
    assert owner_client.post(_person(keeper.pk), took_over).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[keeper.pk])
    assert owner_client.get(password).status_code == 403
    assert owner_client.post(reverse("admin:staff_user_delete", args=[keeper.pk])).status_code == 403
    keeper.refresh_from_db()
    assert (keeper.email, keeper.check_password("senha")) == ("kurt@people.test", True)


def _groups(person: User) -> list[tuple[int, str]]:
    return list(person.groups.model.objects.values_list("pk", "name"))


def test_an_owner_keeps_places(owner_client: Client) -> None:
    store = Store.objects.create(name="Loja Centro")
    page = owner_client.get(reverse("admin:staff_store_change", args=[store.pk]))
    form = page.context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    told = {name: value for name, value in values.items() if value is not None and value is not False}
    [tills] = (inline.formset for inline in page.context["inline_admin_formsets"])
    counted = {f"{tills.prefix}-TOTAL_FORMS": 1, f"{tills.prefix}-INITIAL_FORMS": 0}
    added = {f"{tills.prefix}-0-name": "Caixa 1", f"{tills.prefix}-0-is_active": "on"}
    answer = owner_client.post(page.request["PATH_INFO"], told | counted | added)
    assert answer.status_code == 302
    assert list(Till.objects.values_list("store__name", "name")) == [("Loja Centro", "Caixa 1")]


def test_what_roles_may_do_is_not_changed_by_hand() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("admin:auth_group_changelist")
