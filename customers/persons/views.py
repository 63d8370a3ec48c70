"""The answers to "É a mesma pessoa?", and taking one back."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.persons import services
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.views import ActionView, Text


class _About(ActionView):
    """Two customers of different programmes."""

    abstract = True
    access = Access.CARE_FOR_CUSTOMERS

    @cached_property
    def customer(self) -> Customer:
        return get_object_or_404(Customer, pk=self.kwargs["pk"])

    @cached_property
    def other(self) -> Customer:
        rows = Customer.objects.exclude(connection=self.customer.connection_id)
        return get_object_or_404(rows, pk=self.kwargs["other"])

    def get_success_url(self) -> str:
        return reverse("customers:detail", args=[self.kwargs["pk"]])


class SameView(_About):
    """Yes: one person."""

    is_same = True
    told: Text = _("Anotado: é a mesma pessoa.")

    def perform(self) -> Text:
        user: Any = self.request.user
        services.decide(customer=self.customer, other=self.other, is_same=self.is_same, by=user)
        return self.told


class OtherView(SameView):
    """No: two people."""

    access = Access.CARE_FOR_CUSTOMERS
    is_same = False
    told = _("Anotado: não são a mesma pessoa.")


class TakeBackView(_About):
    """Forget the answer; the page asks again."""

    def perform(self) -> Text | None:
        user: Any = self.request.user
        done = services.take_back(customer=self.customer, other=self.other, by=user)
        return _("A resposta foi retirada.") if done else None
