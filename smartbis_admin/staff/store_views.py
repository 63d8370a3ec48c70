"""The owner's screens of stores, tills and their rules, and everybody's own PIN."""

from typing import Any

from django.db.models import Count, Q
from django.forms import Form, ModelForm
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import Access
from smartbis_admin.staff.filters import StoreFilter
from smartbis_admin.staff.forms import OwnPinForm, RulesForm, StoreForm, TillForm
from smartbis_admin.staff.models import Pin, Store, Till
from smartbis_admin.staff.pins import set_pin
from smartbis_admin.staff.stores import save_store, save_till
from smartbis_admin.staff.tables import StoreTable
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.views import AccessMixin, Breadcrumbs, DetailView, FormView, ListView, Text


class StoreListView(ListView):
    """The stores with their tills counted."""

    access = Access.MANAGE_STAFF
    queryset = Store.objects.annotate(till_count=Count("tills", filter=Q(tills__is_active=True)))
    table_class, filter_class = StoreTable, StoreFilter
    actions = (Link(_("Cadastrar loja"), "plus", "staff:store_create", Access.MANAGE_STAFF),)
    empty_title = _("Nenhuma loja ainda")
    empty_text = _("Cadastre a loja e depois os pontos de caixa dela.")


class StoreDetailView(DetailView):
    """One store: its rules and its tills."""

    access = Access.MANAGE_STAFF
    model = Store
    template_name = "staff/store.html"

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Lojas"), reverse("staff:store_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(tills=list(self.object.tills.order_by("name", "pk")), **kwargs)


class StoreForms(AccessMixin):
    """Base of the forms about one store, `self.store`."""

    abstract = True
    access = Access.MANAGE_STAFF

    @cached_property
    def store(self) -> Store:
        return get_object_or_404(Store, pk=self.kwargs["pk"])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Lojas"), reverse("staff:store_list")), (str(self.store), self.get_success_url())]

    def get_success_url(self) -> str:
        return reverse("staff:store_detail", args=[self.store.pk])

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()


class StoreCreateView(FormView):
    """Register a store."""

    access = Access.MANAGE_STAFF
    form_class = StoreForm
    title = _("Cadastrar loja")
    success_message = _("Loja cadastrada. Agora cadastre os pontos de caixa.")

    @property
    def cancel_url(self) -> str:
        return reverse("staff:store_list")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Lojas"), self.cancel_url)]

    def save(self, form: ModelForm) -> Store:
        return save_store(form.save(commit=False), by=self.request.user, changed=[])  # type: ignore[arg-type]

    def get_success_url(self) -> str:
        return reverse("staff:store_detail", args=[self.result.pk])


class StoreEditView(StoreForms, FormView):
    """Change a store, or take it out of use."""

    form_class: type[ModelForm] = StoreForm
    title = _("Alterar loja")
    success_message = _("Loja alterada.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.store}

    def save(self, form: ModelForm) -> Store:
        store = form.save(commit=False)
        return save_store(store, by=self.request.user, changed=form.changed_data)  # type: ignore[arg-type]


class StoreRulesView(StoreEditView):
    """Change the rules of a store."""

    form_class = RulesForm
    template_name = "staff/store_rules.html"
    title = _("Regras da loja")
    success_message = _("Regras alteradas.")


class TillCreateView(StoreForms, FormView):
    """Register a till of a store."""

    form_class = TillForm
    title = _("Cadastrar ponto de caixa")
    success_message = _("Ponto de caixa cadastrado.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": Till(store=self.store)}

    def save(self, form: ModelForm) -> Till:
        return save_till(form.save(commit=False), by=self.request.user, changed=[])  # type: ignore[arg-type]


class TillEditView(StoreForms, FormView):
    """Change a till, or take it out of use."""

    form_class = TillForm
    title = _("Alterar ponto de caixa")
    success_message = _("Ponto de caixa alterado.")

    @cached_property
    def till(self) -> Till:
        return get_object_or_404(Till.objects.select_related("store"), pk=self.kwargs["pk"])

    @cached_property
    def store(self) -> Store:
        return self.till.store

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.till}

    def save(self, form: ModelForm) -> Till:
        till = form.save(commit=False)
        return save_till(till, by=self.request.user, changed=form.changed_data)  # type: ignore[arg-type]


class OwnPinView(FormView):
    """Choose one's own PIN, with which one is known at a till."""

    access = Access.USE_TILL
    form_class = OwnPinForm
    template_name = "staff/pin.html"
    success_message = _("PIN salvo. Use-o para trocar de caixa e para desbloquear.")

    def get_title(self) -> Text:
        return _("Trocar meu PIN") if self.has_pin else _("Criar meu PIN")

    @cached_property
    def has_pin(self) -> bool:
        return Pin.objects.filter(user=self.request.user).exists()  # type: ignore[misc]

    @property
    def cancel_url(self) -> str:
        return reverse("vouchers:till")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def save(self, form: Form) -> None:
        set_pin(user=self.request.user, pin=form.cleaned_data["pin"])  # type: ignore[arg-type]

    def get_success_url(self) -> str:
        return reverse("vouchers:till")
