"""The integrations: a card per platform with its connections, their health, test, address, credentials and secrets."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.doors import door_address
from smartbis_admin.connections.forms import ConnectionForm, CredentialsForm, NewConnectionForm
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.panels import Fact, facts_of, setup_of
from smartbis_admin.connections.providers import Provider, ProviderSpec, spec_of
from smartbis_admin.connections.push_secrets import state_of
from smartbis_admin.connections.services import create_connection, replace_credentials, test_connection
from smartbis_admin.connections.words import explain
from smartbis_admin.staff.access import Access
from smartbis_admin.staff.services import audit
from smartbis_admin.ui.views import (
    AccessMixin,
    Breadcrumbs,
    DetailView,
    FormView,
    TemplateView,
    Text,
)

RESOURCE_LABELS = {
    "categories": _("Categorias"),
    "rewards": _("Recompensas"),
    "vip_tiers": _("Níveis"),
    "points_products": _("Produtos de pontos"),
    "offers": _("Ofertas"),
    "earning_rules": _("Regras de pontos"),
    "customers": _("Clientes"),
    "vouchers": _("Vouchers"),
    "points_transactions": _("Movimentos de pontos"),
    "fulfilments": _("Resgates"),
    "pos_sales": _("Vendas das maquininhas"),
    "pos_machines": _("Maquininhas"),
    "pos_customers": _("Clientes do SmartPOS"),
    "whatsapp_number": _("Número de WhatsApp"),
}


@dataclass(frozen=True)
class Row:
    """One connection on the card of its platform."""

    connection: Connection
    problem: Text
    facts: list[Fact]
    setup_url: str


@dataclass(frozen=True)
class Card:
    """One platform: what it is for, and the connections to it."""

    provider: Provider
    spec: ProviderSpec
    rows: list[Row]


class ConnectionListView(TemplateView):
    """A card per platform with the state of its connections and what happened last."""

    access = Access.MANAGE_CONNECTIONS
    template_name = "connections/list.html"
    title = _("Integrações")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        connections = list(Connection.objects.all())
        facts = facts_of(connections)
        rows = [Row(row, problem_of(row), facts.get(row.pk, []), setup_url(row)) for row in connections]
        cards = [
            Card(provider, spec_of(provider), [row for row in rows if row.connection.provider == provider])
            for provider in Provider
        ]
        return super().get_context_data(cards=cards, **kwargs)


def setup_url(connection: Connection) -> str:
    """Where its set-up is led through; empty without such a place."""
    name = setup_of(connection)
    return reverse(name, args=[connection.pk]) if name else ""


def problem_of(connection: Connection) -> Text:
    """The sentence about the newest failure, while no answer came after it; empty when all is well."""
    if connection.blocked_at:
        return explain("NotAllowed", "blocked")
    ok, failed = connection.last_ok_at, connection.last_error_at
    if failed and (ok is None or ok < failed):
        return explain(connection.last_error, connection.last_error_cause)
    return ""


class OneConnection(AccessMixin):
    """Base of the pages of one connection."""

    abstract = True
    access = Access.MANAGE_CONNECTIONS

    @cached_property
    def connection(self) -> Connection:
        return get_object_or_404(Connection, pk=self.kwargs["pk"])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [
            (_("Integrações"), reverse("connections:list")),
            (self.connection.name, self.get_success_url()),
        ]

    def get_success_url(self) -> str:
        return reverse("connections:detail", args=[self.connection.pk])

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()


class ConnectionDetailView(DetailView):
    """One connection: health, address, and the buttons."""

    access = Access.MANAGE_CONNECTIONS
    model = Connection
    template_name = "connections/detail.html"

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Integrações"), reverse("connections:list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**facts_about(self.object), **kwargs)


def facts_about(connection: Connection) -> dict[str, Any]:
    """What the page of one connection shows, whatever it was opened for."""
    return {
        "problem": problem_of(connection),
        "facts": facts_of([connection]).get(connection.pk, []),
        "setup_url": setup_url(connection),
        "door": door_address(connection),
        "given": {name: connection.credentials.get(name, "") for name in connection.spec.made_here},
        "secrets": state_of(connection) if connection.spec.signs_with_ours else None,
    }


class ConnectionTestView(OneConnection):
    """Reads a few rows of every list and shows what was recognised (POST: it talks to the platform)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        checks = [
            {
                "label": RESOURCE_LABELS[check.resource],
                "probe": check.probe,
                "absent": check.absent,
                "problem": explain(type(check.error).__name__, check.error.reason)
                if check.error and not check.absent
                else "",
                "reference": check.error.reference if check.error else "",
            }
            for check in test_connection(connection=self.connection, by=request.user)  # type: ignore[arg-type]
        ]
        context = facts_about(self.connection) | {
            "page_title": self.connection.name,
            "breadcrumbs": self.get_breadcrumbs()[:1],
            "object": self.connection,
            "checks": checks,
            "all_well": not any(check["problem"] for check in checks),
        }
        return render(request, "connections/detail.html", context)


class ConnectionCreateView(FormView):
    """Connect an account on one platform."""

    access = Access.MANAGE_CONNECTIONS
    form_class = NewConnectionForm
    submit_label = _("Conectar")

    @cached_property
    def provider(self) -> Provider:
        try:
            return Provider(self.kwargs["provider"])
        except ValueError:
            raise Http404 from None

    @property
    def title(self) -> Text:  # type: ignore[override]
        return _("Conectar %(platform)s") % {"platform": self.provider.label}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"spec": spec_of(self.provider)}

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Integrações"), reverse("connections:list"))]

    def save(self, form: NewConnectionForm) -> Connection:
        data = form.cleaned_data
        return create_connection(
            by=self.request.user,  # type: ignore[arg-type]
            provider=self.provider,
            name=data["name"],
            base_url=data["base_url"],
            time_zone=data["time_zone"],
            credentials=form.credentials,
            **{name: data[name] for name in ("programme", "colour") if name in data},
        )

    def get_success_url(self) -> str:
        messages.info(self.request, _("Integração salva. Teste a conexão para conferir."))
        return reverse("connections:detail", args=[self.result.pk])


class ConnectionEditView(OneConnection, FormView):
    """Change name, address, zone or state."""

    form_class = ConnectionForm
    title = _("Alterar integração")
    success_message = _("Integração alterada. Teste a conexão para conferir.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.connection}

    def save(self, form: ConnectionForm) -> Connection:
        connection = form.save()
        audit(
            actor=self.request.user,  # type: ignore[arg-type]
            action="connection.changed",
            subject=f"connection:{connection.pk}",
            fields=form.changed_data,
        )
        return connection


class CredentialsView(OneConnection, FormView):
    """Replace the credentials; the old ones are not shown."""

    form_class = CredentialsForm
    title = _("Substituir credenciais")
    success_message = _("Credenciais substituídas. Teste a conexão para conferir.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"spec": self.connection.spec}

    def save(self, form: CredentialsForm) -> None:
        replace_credentials(
            connection=self.connection,
            by=self.request.user,  # type: ignore[arg-type]
            credentials=form.credentials,
        )
