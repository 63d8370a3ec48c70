"""A few screens over the staff's own users, so that the kit is tried without any domain."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import DecimalField, ExpressionWrapper, F, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import ANYONE, SIGNED_IN, Access
from smartbis_admin.staff.models import User
from smartbis_admin.ui import filters, tables
from smartbis_admin.ui.bulk import AnswerAction, BulkAction, register
from smartbis_admin.ui.forms import CpfField, MoneyField, PhoneField
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.views import ActionView, DetailView, FormView, ListView, TemplateView, Text

#: What the list says about its age; tests set it.
DATA_AGE: list[datetime | None] = [None]


class PersonTable(tables.Table):
    first_name = tables.LinkColumn("demo:detail")
    email = tables.Column(orderable=False)
    is_active = tables.StatusColumn(
        {True: ("success", "circle-check", _("ativo")), False: ("neutral", "ban", _("bloqueado"))}
    )
    last_login = tables.AgeColumn()
    date_joined = tables.DateTimeColumn()
    balance = tables.MoneyColumn(verbose_name=_("saldo"), orderable=False)
    points = tables.PointsColumn(verbose_name=_("pontos"), orderable=False)

    class Meta:
        model = User
        fields = ("first_name", "email", "is_active", "last_login", "date_joined", "balance", "points")
        order_by = "first_name"


class PersonFilter(filters.FilterSet):
    q = filters.SearchFilter(method="search_for", help_text=_("Nome ou e-mail"))
    is_active = filters.ChoiceFilter(
        label=_("Situação"), choices=[("True", _("ativo")), ("False", _("bloqueado"))]
    )
    date_joined = filters.DateRangeFilter(label=_("Data de cadastro"))

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def search_for(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(Q(first_name__icontains=value) | Q(email__icontains=value))


def people() -> QuerySet[User]:
    balance = ExpressionWrapper(
        F("pk") * Value(Decimal("1234.56")), output_field=DecimalField(max_digits=12, decimal_places=2)
    )
    return User.objects.annotate(balance=balance, points=F("balance"))


class SetBlocked(BulkAction):
    """Blocks or lets in; whoever is that way already is left out, and `boom` cannot be blocked."""

    name, label, icon = "demo.set_blocked", _("Bloquear ou liberar"), "ban"
    access, model = Access.REGISTER_CUSTOMER, User
    reasons = {"same": _("já estão assim")}
    undoable = True

    class form_class(forms.Form):  # noqa: N801
        blocked = forms.BooleanField(label=_("bloquear"), required=False)

    def describe(self, values: Any) -> Text:
        return _("Bloquear pessoas") if values["blocked"] else _("Liberar pessoas")

    def leave_out(self, rows: Any, values: Any) -> dict[Any, str]:
        return {row.pk: "same" for row in rows if row.is_active != values["blocked"]}

    def perform(self, rows: Any, values: Any, *, by: Any) -> None:
        User.objects.filter(pk__in=[row.pk for row in rows]).update(is_active=not values["blocked"])
        if any(row.first_name == "Boom" for row in rows):
            raise RuntimeError("meant to fail")

    def undo(self, rows: Any, values: Any, *, by: Any) -> None:
        User.objects.filter(pk__in=[row.pk for row in rows]).update(is_active=values["blocked"])


class NameThem(AnswerAction):
    """Answers with the first names."""

    name, label, icon, access = "demo.name", _("Dizer nomes"), "notes", Access.SEE_CUSTOMERS

    def answer(self, request: Any, rows: QuerySet[User]) -> HttpResponse:
        return HttpResponse(",".join(row.first_name for row in rows))


class PersonList(ListView):
    access = Access.SEE_CUSTOMERS
    queryset = people()
    table_class, filter_class = PersonTable, PersonFilter
    title = _("Pessoas")
    resource = "people"
    actions = (Link(_("Cadastrar pessoa"), "plus", "demo:create", Access.REGISTER_CUSTOMER),)
    bulk_actions = (register(SetBlocked()), NameThem())
    empty_text = _("Cadastre a primeira pessoa.")

    def get_data_age(self) -> datetime | None:
        return DATA_AGE[0]


class PersonPage(DetailView):
    access = Access.SEE_CUSTOMERS
    queryset = people()
    template_name = "demo/detail.html"


class PersonForm(forms.Form):
    name = forms.CharField(label=_("nome"))
    cpf = CpfField(label=_("CPF"))
    phone = PhoneField(label=_("telefone"), required=False, help_text=_("Com DDD."))
    amount = MoneyField(label=_("valor da venda"), min_value=Decimal("0.01"))
    agreed = forms.BooleanField(label=_("consentimento"), required=False)
    status = forms.ChoiceField(label=_("situação"), choices=[("a", _("ativo")), ("b", _("bloqueado"))])


class PersonCreate(FormView):
    access = Access.REGISTER_CUSTOMER
    form_class = PersonForm
    title = _("Cadastrar pessoa")
    submit_label = _("Cadastrar")
    success_message = _("Pessoa cadastrada.")
    cancel_url = success_url = "/demo/"

    def save(self, form: Any) -> None:
        if form.cleaned_data["name"] == "recusada":
            raise ValidationError({"cpf": _("Este CPF já existe na plataforma.")})


class PersonBlock(ActionView):
    access = Access.SEE_PERSONAL_DATA
    confirm_text = _("Bloquear esta pessoa?")
    confirm_label = _("Bloquear")
    danger = True

    def perform(self) -> Text:
        changed = User.objects.filter(pk=self.kwargs["pk"], is_active=True).update(is_active=False)
        if not changed:
            raise ValidationError(_("Esta pessoa já estava bloqueada."))
        return _("Pessoa bloqueada.")

    def get_success_url(self) -> str:
        return "/demo/"


class Broken(TemplateView):
    access = ANYONE

    def get(self, request: HttpRequest) -> HttpResponse:
        raise RuntimeError("meant to fail")


class Home(TemplateView):
    access = SIGNED_IN
    template_name = "demo/home.html"
    title = _("Painel")


class Open(TemplateView):
    access = ANYONE
    template_name = "demo/home.html"
    title = "Aberta"


demo = (
    [
        path("", PersonList.as_view(), name="list"),
        path("nova/", PersonCreate.as_view(), name="create"),
        path("falha/", Broken.as_view(), name="broken"),
        path("aberta/", Open.as_view(), name="open"),
        path("<int:pk>/", PersonPage.as_view(), name="detail"),
        path("<int:pk>/bloquear/", PersonBlock.as_view(), name="block"),
    ],
    "demo",
)
urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("demo/", include(demo)),
    path("", include("smartbis_admin.urls")),
]


def use_demo_screens(settings: Any) -> None:
    """Put the demo screens at the root of the program for one test."""
    settings.ROOT_URLCONF = __name__
    engine = dict(settings.TEMPLATES[0])
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], Path(__file__).parent / "templates"]}]
