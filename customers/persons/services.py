"""Recognises a person in other programmes: by CPF, else phone; by e-mail only after somebody said so.

Equality of CPF or phone is asked by index and stored nowhere. Balances of programmes are never added up.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.persons.models import SamePerson
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit

#: Rows looked at per reason: a shop's own phone on everybody must not make a page slow.
MOST = 50


@dataclass(frozen=True)
class Other:
    """The person in another programme, and why we think so; `decided` when somebody said so."""

    customer: Customer
    reason: str | Promise
    decided: SamePerson | None = None


@dataclass(frozen=True)
class Person:
    """A customer's other selves, e-mails to ask about, and what was answered with no."""

    others: tuple[Other, ...] = ()
    questions: tuple[Customer, ...] = ()
    denied: tuple[Other, ...] = ()


def person_of(customer: Customer) -> Person:
    """Who the customer is in other active programmes. A fixed number of queries; none with one programme.

    Two CPFs that differ are two people, whatever else they share; so is what somebody answered with no.
    """
    active = set(Connection.objects.programmes().filter(is_active=True).values_list("pk", flat=True))
    if not active - {customer.connection_id}:
        return Person()
    decided = {
        second if first == customer.pk else first: row
        for row in SamePerson.objects.filter(Q(first=customer.pk) | Q(second=customer.pk)).select_related(
            "by"
        )
        for first, second in [(row.first_id, row.second_id)]
    }
    found: dict[int, tuple[Customer, str | Promise]] = {}
    for reason, row in _alike(customer, list(decided)):
        elsewhere = row.connection_id != customer.connection_id and row.connection_id in active
        if elsewhere and not row.withdrawn_at and _may_be_one(customer, row):
            found.setdefault(row.pk, (row, reason))
    others, questions, denied = [], [], []
    for pk, (row, reason) in found.items():
        answer = decided.get(pk)
        if answer is not None and not answer.is_same:
            denied.append(Other(row, reason, answer))
        elif answer is not None or reason is not EMAIL:
            others.append(Other(row, reason, answer))
        else:
            questions.append(row)
    others.sort(key=lambda other: (other.customer.connection_id, other.customer.pk))
    return Person(tuple(others), tuple(questions), tuple(denied))


CPF, PHONE, EMAIL, SAID = (
    _("mesmo CPF"),
    _("mesmo telefone"),
    _("mesmo e-mail"),
    _("confirmado por uma pessoa"),
)


def _alike(customer: Customer, decided: list[int]) -> list[tuple[str | Promise, Customer]]:
    """Each look names its own column alone, so that no database prefers the index of another."""
    rows = Customer.objects.select_related("connection").exclude(pk=customer.pk).order_by()
    looks: list[tuple[str | Promise, Customer]] = []
    if customer.cpf:
        looks += [(CPF, row) for row in rows.filter(cpf=customer.cpf)[:MOST]]
    if customer.phone:
        looks += [(PHONE, row) for row in rows.filter(phone=customer.phone)[:MOST]]
    if customer.email:
        same = rows.filter(Exact(Lower("email"), customer.email.lower()))
        looks += [(EMAIL, row) for row in same[:MOST]]
    if decided:
        looks += [(SAID, row) for row in rows.filter(pk__in=decided)[:MOST]]
    return looks


def _may_be_one(one: Customer, other: Customer) -> bool:
    return not (one.cpf and other.cpf and one.cpf != other.cpf)


def decide(*, customer: Customer, other: Customer, is_same: bool, by: User) -> SamePerson:
    """Remember whether two customers are one person. `ValueError` for customers of one programme."""
    if customer.connection_id == other.connection_id:
        raise ValueError("both are customers of the same programme")
    first, second = sorted((customer.pk, other.pk))
    with transaction.atomic():
        row, _new = SamePerson.objects.update_or_create(
            first_id=first, second_id=second, defaults={"is_same": is_same, "by": by}
        )
        audit(actor=by, action="person.decided", subject=f"customer:{first}", other=second, is_same=is_same)
    return row


def take_back(*, customer: Customer, other: Customer, by: User) -> bool:
    """Forget what was answered about two customers; whether there was an answer."""
    first, second = sorted((customer.pk, other.pk))
    with transaction.atomic():
        deleted, _rows = SamePerson.objects.filter(first=first, second=second).delete()
        if deleted:
            audit(actor=by, action="person.taken_back", subject=f"customer:{first}", other=second)
    return bool(deleted)


def programme_counts(customers: Sequence[Customer]) -> dict[int, int]:
    """In how many active programmes each of these customers is, by primary key; 1 where only in their own.

    The same rules as `person_of`, for a page of a list: a fixed number of queries, however many rows.
    """
    active = set(Connection.objects.programmes().filter(is_active=True).values_list("pk", flat=True))
    keys = [row.pk for row in customers]
    if len(active) < 2 or not keys:
        return dict.fromkeys(keys, 1)
    answers = {
        frozenset((first, second)): same
        for first, second, same in SamePerson.objects.filter(
            Q(first__in=keys) | Q(second__in=keys)
        ).values_list("first", "second", "is_same")
    }
    said = {pk for pair, same in answers.items() if same for pk in pair}
    rows = Customer.objects.filter(connection__in=active, withdrawn_at=None).order_by()
    most = MOST * len(keys)
    alike = [
        *rows.filter(cpf__in={row.cpf for row in customers if row.cpf})[:most],
        *rows.filter(phone__in={row.phone for row in customers if row.phone})[:most],
        *rows.filter(pk__in=said),
    ]
    by_fact: defaultdict[object, list[Customer]] = defaultdict(list)
    for other in {row.pk: row for row in alike}.values():
        for fact in (("cpf", other.cpf), ("phone", other.phone), ("pk", other.pk)):
            by_fact[fact].append(other)
    counts = {}
    for row in customers:
        friends = [pk for pair, same in answers.items() if same and row.pk in pair for pk in pair - {row.pk}]
        facts: list[object] = [("pk", pk) for pk in friends]
        facts += [(name, value) for name, value in (("cpf", row.cpf), ("phone", row.phone)) if value]
        there = {
            other.connection_id
            for fact in facts
            for other in by_fact[fact]
            if _may_be_one(row, other) and answers.get(frozenset((row.pk, other.pk)), True)
        }
        counts[row.pk] = len(there | {row.connection_id})
    return counts
