"""What a person decides about one sale: whose it is, that it is dropped, let through, sent again, taken back."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.bridge import services
from customers.bridge.forms import (
    BuyerForm,
    CorrectForm,
    DiscardForm,
    OverruleForm,
    ReversalForm,
    SeenForm,
)
from customers.bridge.models import PosReversal, PosSale
from customers.bridge.refusing import BridgeRefusedError
from customers.bridge.services import REVERSAL_STEPS
from customers.bridge.views.base import OneSale
from customers.bridge.words import FLAGS, explain_reason, explain_refusal
from customers.models import Customer
from customers.search import search
from customers.services import known_customer
from smartbis_admin.api.brazil import is_valid_cpf
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.navigation import may
from smartbis_admin.ui.views import FormView, TemplateView, Text
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.screens import WriteFormView

#: Customers shown of a search.
FEW = 8
SHORTEST = 2


class LinkView(OneSale, TemplateView):
    """Find the customer and link them. What is typed is posted, so that no address holds a CPF."""

    template_name = "bridge/link.html"
    title = _("Vincular cliente")
    http_method_names = ("get", "post", "options")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if chosen := request.POST.get("customer", ""):
            return self._link(request, chosen)
        return self.render_to_response(self.get_context_data(text=request.POST.get("q", "")[:200]))

    def _link(self, request: HttpRequest, chosen: str) -> HttpResponse:
        if not chosen.isdigit():
            raise Http404
        customer = get_object_or_404(Customer, pk=chosen)
        try:
            services.link_customer(sale=self.sale, customer=customer, by=request.user)  # type: ignore[arg-type]
        except BridgeRefusedError as error:
            messages.error(request, explain_refusal(error.reason))
        else:
            messages.success(request, str(_("Cliente vinculado. A venda segue sozinha.")))
        return HttpResponseRedirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = kwargs.pop("text", "")
        asked = len(text.strip()) >= SHORTEST
        unidentified = self.sale.state == PosSale.State.UNIDENTIFIED
        return super().get_context_data(
            text=text,
            asked=asked,
            found=self._found(text) if asked else services.suggest(self.sale),
            may_create=unidentified and may(self.request.user, Access.REGISTER_CUSTOMER),
            **kwargs,
        )

    def _found(self, text: str) -> Sequence[Customer]:
        rows = Customer.objects.filter(connection=self.sale.bridge.target, withdrawn_at=None)
        return list(search(rows, text).order_by("name_search", "pk")[:FEW])


class CreateCustomerView(OneSale, WriteFormView):
    """Register the buyer as a customer at the platform; then the sale is theirs."""

    access = Access.REGISTER_CUSTOMER
    form_class = BuyerForm
    template_name = "bridge/form.html"
    title = _("Cadastrar cliente")
    submit_label = _("Cadastrar e vincular")
    done_message = _("Cliente cadastrado na plataforma e vinculado à venda.")
    refusals: ClassVar[Any] = {
        "customer_duplicate_cpf": (
            "cpf",
            _("A plataforma já tem um cliente com este CPF, mas não o mostrou agora."),
        )
    }

    def get_initial(self) -> dict[str, Any]:
        sale = self.sale
        told = {
            "cpf": sale.buyer_cpf if is_valid_cpf(sale.buyer_cpf) else "",
            "name": sale.buyer_name,
            "phone": sale.buyer_phone,
            "email": sale.buyer_email,
        }
        return super().get_initial() | told

    def get_open_writes(self) -> QuerySet[Write]:
        rows = Write.objects.filter(kind="create_customer", state__in=Write.OPEN)
        if not self.sale.buyer_cpf:
            return rows.none()
        return rows.filter(subject=f"cpf:{self.sale.buyer_cpf}").select_related("actor")

    def is_intent(self, write: Write, form: BuyerForm) -> bool:
        asked = form.cleaned_data
        wanted = {name: asked[name] or None for name in ("name", "cpf", "phone", "email")}
        return write.kind == "create_customer" and wanted == {
            name: write.payload.get(name) for name in wanted
        }

    def save(self, form: BuyerForm) -> Any:
        asked = form.cleaned_data
        target = self.sale.bridge.target
        known = known_customer(cpf=asked["cpf"], connection=target) if target else None
        if known is None or Write.objects.filter(pk=asked["write_id"]).exists():
            return super().save(form)
        try:
            services.link_customer(sale=self.sale, customer=known, by=self.request.user)  # type: ignore[arg-type]
        except BridgeRefusedError as error:
            raise ValidationError(explain_refusal(error.reason)) from None
        messages.success(self.request, str(_("Este CPF já era de um cliente: a venda foi vinculada a ele.")))
        return None

    def perform(self, form: BuyerForm) -> Write:
        asked = form.cleaned_data
        try:
            return services.create_customer_from(
                sale=self.sale,
                id=asked["write_id"],
                name=asked["name"],
                cpf=asked["cpf"],
                phone=asked["phone"],
                email=asked["email"] or None,
                by=self.request.user,  # type: ignore[arg-type]
            )
        except BridgeRefusedError as error:
            raise ValidationError(explain_refusal(error.reason)) from None


class Decision(OneSale, FormView):
    """Base of a decision with a reason. Implement `act`."""

    abstract = True
    template_name = "bridge/form.html"
    danger = False
    #: What to say above the form.
    warning: Text = ""

    def act(self, form: Any) -> None:
        raise NotImplementedError

    @property
    def by(self) -> Any:
        return self.request.user

    def save(self, form: Any) -> None:
        try:
            self.act(form)
        except BridgeRefusedError as error:
            raise ValidationError(explain_refusal(error.reason)) from None


class DiscardView(Decision):
    """Nobody will be found: the sale does not earn."""

    form_class = DiscardForm
    title = _("Descartar venda")
    submit_label = _("Descartar")
    success_message = _("Venda descartada: ela não acumula.")
    danger = True
    warning = _(
        "A venda deixa de esperar e não acumula. Ela ainda poderá ser liberada depois, com um cliente."
    )

    def act(self, form: DiscardForm) -> None:
        services.discard(sale=self.sale, by=self.by, note=form.cleaned_data["note"])


class OverruleView(Decision):
    """The sale earns although a check failed."""

    form_class = OverruleForm
    title = _("Liberar venda")
    submit_label = _("Liberar e registrar")
    success_message = _("Venda liberada: ela será registrada na Smartbis.")

    @property
    def warning(self) -> Text:  # type: ignore[override]
        return explain_reason(self.sale.reason)

    def act(self, form: OverruleForm) -> None:
        services.overrule(sale=self.sale, by=self.by, note=form.cleaned_data["note"])


class CorrectView(Decision):
    """The platform refused: put it right and send it again."""

    form_class = CorrectForm
    title = _("Corrigir e enviar de novo")
    submit_label = _("Enviar de novo")
    success_message = _("Corrigida: a venda será enviada de novo.")

    @property
    def warning(self) -> Text:  # type: ignore[override]
        write = self.sale.write
        if write is not None and write.message:
            return _("A plataforma recusou: %(message)s") % {"message": write.message}
        return explain_reason(self.sale.reason)

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"amount": self.sale.amount}

    def act(self, form: CorrectForm) -> None:
        asked = form.cleaned_data
        amount = asked["amount"] if asked["amount"] != self.sale.amount else None
        services.correct(sale=self.sale, by=self.by, note=asked["note"], amount=amount)


class SeenView(Decision):
    """A person looked at what a flag is about."""

    form_class = SeenForm
    submit_label = _("Salvar")
    success_message = _("Marca retirada.")

    def get_title(self) -> Text:
        return FLAGS[self.flag]

    @cached_property
    def flag(self) -> str:
        flag: str = self.kwargs["flag"]
        if flag not in ("conflicting_data", "changed_after_send") or not getattr(self.sale, flag):
            raise Http404
        return flag

    def act(self, form: SeenForm) -> None:
        services.settle_flag(sale=self.sale, flag=self.flag, by=self.by, note=form.cleaned_data["note"])


class ReverseView(Decision):
    """The checklist of the panel: ticks are kept on the way, and the last word is a person's."""

    form_class = ReversalForm
    template_name = "bridge/reverse.html"
    title = _("Estorno no painel da Smartbis")
    submit_label = _("Confirmar estorno")

    @cached_property
    def reversal(self) -> PosReversal:
        return get_object_or_404(PosReversal, sale=self.sale, dropped_at=None, confirmed_at=None)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"checklist": self.reversal.checklist}

    @transaction.atomic
    def act(self, form: Form) -> None:
        for step in REVERSAL_STEPS:
            done = form.cleaned_data[step]
            if done != (step in self.reversal.checklist):
                services.tick_reversal(reversal=self.reversal, step=step, done=done, by=self.by)
        if "confirm" in self.request.POST:
            services.confirm_reversal(sale=self.sale, by=self.by, evidence=form.cleaned_data["evidence"])
            self.success_message = _("Estorno confirmado.")
        else:
            self.success_message = _("Andamento salvo.")

    def get_success_url(self) -> str:
        name = "detail" if "confirm" in self.request.POST else "reverse"
        return reverse(f"bridge:{name}", args=[self.kwargs["pk"]])
