"""Screens about customers of a wallet programme: create, edit, delete, add points."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.platforms import places, wallet_connections
from customers.wallet import services
from customers.wallet.forms import DeleteForm, NewPersonForm, PersonForm, PointsForm
from customers.wallet.writes import FIELDS
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import known_at
from smartbis_admin.ui.views import Breadcrumbs, Text
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.screens import WriteFormView

TAKEN = _("Este telefone já é de outro cliente da carteira.")
GONE = _("A plataforma não tem mais este cliente. Nada foi enviado.")
UNCHANGED = _("Nada mudou: não há o que enviar.")


class _PersonView(WriteFormView):
    """What the screens with a phone share: whose phone it is, when it is taken."""

    abstract = True
    access = Access.REGISTER_CUSTOMER
    template_name = "wallet/person_form.html"
    #: The customer who has the phone asked for.
    taken: Customer | None = None

    def get_reasons(self, form: Any, write: Write) -> dict[str, list[Text]]:
        if (
            write.state == Write.State.REFUSED
            and "phone" in write.field_errors
            and write.payload.get("phone")
        ):
            rows = Customer.objects.filter(phone=write.payload["phone"], connection=write.connection_id)
            self.taken = (
                rows.filter(withdrawn_at=None)
                .exclude(remote_id=write.payload.get("customer_remote_id", ""))
                .first()
            )
            if self.taken:
                return {"phone": [TAKEN]}
        return super().get_reasons(form, write)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(taken=self.taken, **kwargs)


class PersonCreateView(_PersonView):
    """Register a customer; the reply brings the address of the card."""

    form_class = NewPersonForm
    title = _("Cadastrar cliente na carteira")
    submit_label = _("Cadastrar cliente")
    done_message = _("Cliente cadastrado na plataforma.")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Clientes"), reverse("customers:list"))]

    @property
    def cancel_url(self) -> str:
        return reverse("customers:list")

    def get_open_writes(self) -> Iterable[Write]:
        rows = Write.objects.filter(kind="create_person", state__in=Write.OPEN, actor=self.request.user.pk)
        return rows.select_related("actor")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(places=places(reverse("wallet:create")), **kwargs)

    def is_intent(self, write: Write, form: NewPersonForm) -> bool:
        asked = form.cleaned_data
        same = {name: asked[name] for name in FIELDS if asked[name]} == write.payload
        return same and (write.kind, write.connection_id) == ("create_person", asked["connection"].pk)

    def perform(self, form: NewPersonForm) -> Write:
        asked = form.cleaned_data
        return services.create_person(
            id=asked["write_id"],
            connection=asked["connection"],
            **{name: asked[name] for name in FIELDS},
            actor=self.request.user,  # type: ignore[arg-type]
        )

    def get_success_url(self) -> str:
        write: Write = self.result
        customer = services.created_customer(write)
        if customer:
            return reverse("customers:detail", args=[customer.pk])
        return reverse("wallet:create" if write.is_open else "customers:list")


class _AboutCustomer(WriteFormView):
    """What the screens about one customer share."""

    abstract = True
    access = Access.REGISTER_CUSTOMER
    kind: str

    @cached_property
    def customer(self) -> Customer:
        rows = Customer.objects.select_related("connection").filter(withdrawn_at=None)
        return get_object_or_404(rows, pk=self.kwargs["pk"], connection__in=wallet_connections())

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [
            (_("Clientes"), reverse("customers:list")),
            (self.customer.name, reverse("customers:detail", args=[self.customer.pk])),
        ]

    @property
    def cancel_url(self) -> str:
        return reverse("customers:detail", args=[self.customer.pk])

    def get_success_url(self) -> str:
        return self.cancel_url

    def get_open_writes(self) -> Iterable[Write]:
        rows = Write.objects.filter(
            connection=self.customer.connection_id,
            subject=f"customer:{self.customer.remote_id}",
            state__in=Write.OPEN,
        )
        return rows.select_related("actor")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            customer=self.customer, known_at=known_at(self.customer, Resource.CUSTOMERS), **kwargs
        )

    def is_intent(self, write: Write, form: Any) -> bool:
        about = (write.kind, write.connection_id, write.payload.get("customer_remote_id"))
        same = (self.kind, self.customer.connection_id, self.customer.remote_id)
        return about == same and self.asks_for(write, form)

    def asks_for(self, write: Write, form: Any) -> bool:
        """Whether an earlier write on this customer asked for the same."""
        return True


class PersonEditView(_PersonView, _AboutCustomer):
    """Change names, phone or e-mail; only what differs is sent."""

    form_class = PersonForm
    kind = "update_person"
    title = _("Alterar cadastro")
    submit_label = _("Alterar cadastro")
    done_message = _("Cadastro alterado na plataforma.")
    refusals = {"not_found": ("", GONE)}

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | self._present()

    def _present(self) -> dict[str, str]:
        customer = self.customer
        return {
            "first_name": customer.standing.first_name or "",
            "last_name": customer.standing.last_name or "",
            "phone": customer.phone or "",
            "email": customer.email or "",
        }

    def asks_for(self, write: Write, form: PersonForm) -> bool:
        return all(form.cleaned_data[name] == write.payload[name] for name in FIELDS if name in write.payload)

    def perform(self, form: PersonForm) -> Write:
        asked, present = form.cleaned_data, self._present()
        changes = {name: asked[name] for name in FIELDS if asked[name] != present[name]}
        if not changes and not Write.objects.filter(pk=asked["write_id"]).exists():
            raise ValidationError(UNCHANGED)
        return services.update_person(
            id=asked["write_id"],
            customer=self.customer,
            changes=changes,
            actor=self.request.user,  # type: ignore[arg-type]
        )


class PersonDeleteView(_AboutCustomer):
    """Delete a customer for good, after their name was typed."""

    access = Access.DELETE_CUSTOMER
    form_class = DeleteForm
    kind = "delete_person"
    template_name = "wallet/delete_form.html"
    title = _("Excluir cliente da carteira")
    submit_label = _("Excluir para sempre")
    done_message = _("Cliente excluído na plataforma.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"name": self.customer.name}

    def perform(self, form: DeleteForm) -> Write:
        return services.delete_person(
            id=form.cleaned_data["write_id"],
            customer=self.customer,
            actor=self.request.user,  # type: ignore[arg-type]
        )


class PointsView(_AboutCustomer):
    """Add points; nothing can be taken away."""

    access = Access.CHANGE_POINTS
    form_class = PointsForm
    kind = "add_points"
    template_name = "wallet/points_form.html"
    title = _("Adicionar pontos")
    submit_label = _("Adicionar pontos")
    done_message = _("Pontos adicionados na plataforma.")
    refusals = {"not_found": ("", GONE)}

    def asks_for(self, write: Write, form: PointsForm) -> bool:
        return bool(write.payload["points"] == form.cleaned_data["points"])

    def perform(self, form: PointsForm) -> Write:
        return services.add_points(
            id=form.cleaned_data["write_id"],
            customer=self.customer,
            points=form.cleaned_data["points"],
            actor=self.request.user,  # type: ignore[arg-type]
        )
