"""Customers that may be the same person: same phone, e-mail or CPF, or the same birthday and a similar name.

Only our own copy is asked, by indexes. A hint is never acted upon here: people are told apart at the platform.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db.models import Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, NotSamePerson
from smartbis_admin.staff.models import User

#: Rows looked at per reason: a shop's own phone on everybody must not make a page slow.
MOST = 50
SHOWN = 5
#: Share of two names' letters, words in order, that makes them similar.
SIMILAR = 0.85


@dataclass(frozen=True)
class Hint:
    """Another customer of the same connection, and why it may be the same person."""

    customer: Customer
    reasons: tuple[str | Promise, ...]


def duplicates_of(customer: Customer) -> list[Hint]:
    """The hints that nobody has dismissed, the strongest first. A fixed number of queries."""
    found: dict[int, Customer] = {}
    reasons: dict[int, list[str | Promise]] = {}
    for reason, rows in _looks(customer):
        for row in rows:
            if row.connection_id != customer.connection_id or row.withdrawn_at or row.pk == customer.pk:
                continue
            found[row.pk] = row
            reasons.setdefault(row.pk, []).append(reason)
    if not found:
        return []
    told = NotSamePerson.objects.filter(Q(first=customer.pk) | Q(second=customer.pk))
    for first, second in told.values_list("first_id", "second_id"):
        found.pop(second if first == customer.pk else first, None)
    hints = [Hint(row, tuple(reasons[pk])) for pk, row in found.items()]
    return sorted(hints, key=lambda hint: (-len(hint.reasons), hint.customer.pk))[:SHOWN]


def _looks(customer: Customer) -> Iterator[tuple[str | Promise, list[Customer]]]:
    """Each look names its own column alone, so that no database prefers the index of another."""
    others = Customer.objects.order_by()
    if customer.cpf:
        yield _("mesmo CPF"), list(others.filter(cpf=customer.cpf)[:MOST])
    if customer.phone:
        yield _("mesmo telefone"), list(others.filter(phone=customer.phone)[:MOST])
    if customer.email:
        same = others.filter(Exact(Lower("email"), customer.email.lower()))
        yield _("mesmo e-mail"), list(same[:MOST])
    if customer.birth_date:
        born = others.filter(birth_date=customer.birth_date)[: MOST * 10]
        similar = [row for row in born if are_similar(customer.name_search, row.name_search)]
        yield _("mesmo nascimento e nome parecido"), similar


def are_similar(one: str, other: str) -> bool:
    """Whether two folded names are nearly the same, whatever the order of their words."""
    first, second = sorted(one.split()), sorted(other.split())
    if set(first) <= set(second) or set(second) <= set(first):
        # "Ana Prado" and "Ana Beatriz Prado".
        return len(set(first) & set(second)) >= 2
    return SequenceMatcher(None, " ".join(first), " ".join(second)).ratio() >= SIMILAR


def not_same_person(*, customer: Customer, other: Customer, by: User) -> None:
    """Never hint at these two again."""
    first, second = sorted((customer.pk, other.pk))
    NotSamePerson.objects.get_or_create(first_id=first, second_id=second, defaults={"by": by})
