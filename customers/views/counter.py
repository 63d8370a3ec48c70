"""Finding a customer at the counter: by CPF, in our copy first, else at the platform."""

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.forms import LookupForm
from customers.models import Customer
from customers.services import find_customer
from smartbis_admin.api.errors import ApiError
from smartbis_admin.connections.words import explain
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.views import FormView

#: The CPF nobody has, in the person's session.
LOOKED_UP = "cpf_looked_up"


class LookupView(FormView):
    """Type a CPF, get to the customer. The CPF is posted, so that no address holds it."""

    access = Access.SEE_CUSTOMERS
    form_class = LookupForm
    template_name = "customers/lookup.html"
    title = _("Consultar cliente")
    submit_label = _("Consultar")
    #: Whether the answer is that nobody has this CPF.
    nobody = False

    def save(self, form: LookupForm) -> Customer:
        try:
            customer = find_customer(cpf=form.cleaned_data["cpf"])
        except ApiError as error:
            not_here = _("Este CPF não está na nossa cópia, e não foi possível perguntar à plataforma.")
            raise ValidationError([not_here, explain(type(error).__name__, error.reason)]) from error
        if customer is None:
            self.nobody = True
            # For the form that registers them; an address would keep it in logs and histories.
            self.request.session[LOOKED_UP] = form.cleaned_data["cpf"]
            raise ValidationError({"cpf": _("Nenhum cliente com este CPF.")})
        return customer

    def get_success_url(self) -> str:
        return reverse("customers:detail", args=[self.result.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(nobody=self.nobody, **kwargs)
