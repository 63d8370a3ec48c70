"""Customers in the search box of every page. At a counter only a whole CPF finds somebody."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.search import search
from smartbis_admin.api.brazil import mask_cpf, normalise_cpf
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.navigation import may
from smartbis_admin.ui.omnibox import FEW, Hit, Searcher, register


def find_customers(user: Any, text: str) -> list[Hit]:
    """Customers by CPF, phone, e-mail or words of the name, by name; CPFs masked."""
    at_counter = not may(user, Access.SEE_OVERVIEW)
    rows = Customer.objects.filter(withdrawn_at=None)
    if at_counter:
        cpf = normalise_cpf(text)
        rows = rows.filter(cpf=cpf) if cpf else rows.none()
    else:
        rows = search(rows, text)
    return [
        Hit(
            title=row.first_name if at_counter else row.name,
            text=mask_cpf(row.cpf),
            url=reverse("customers:detail", args=[row.pk]),
        )
        for row in rows.order_by("name_search", "pk")[:FEW]
    ]


register(Searcher(_("Clientes"), "users", Access.SEE_CUSTOMERS, find_customers))
