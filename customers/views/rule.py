"""The programme's rule: what estimates are made with, who changed it when, and the owner's form."""

from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.care_forms import RuleForm
from customers.models import ProgrammeRule, RuleChange
from customers.programme import FIELDS, change_rule
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.views import Breadcrumbs, FormView, TemplateView, Text

#: Versions shown of each connection.
MOST = 50


class RuleView(TemplateView):
    """The rule of every connection in use, with its versions, the newest first."""

    access = Access.SEE_OVERVIEW
    template_name = "customers/rule.html"
    title = _("Regra do programa")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        versions = RuleChange.objects.select_related("by").order_by("-at", "-pk")
        rows = Connection.objects.filter(is_active=True).select_related("rule").order_by("pk")
        rows = rows.prefetch_related(Prefetch("rule_changes", queryset=versions))
        shown = [
            {
                "connection": row,
                "rule": getattr(row, "rule", None),
                "versions": [(version, _values(version)) for version in list(row.rule_changes.all())[:MOST]],
            }
            for row in rows
        ]
        return super().get_context_data(shown=shown, **kwargs)


def _values(version: RuleChange) -> dict[str, Decimal | None]:
    return {
        name: None if version.values.get(name) is None else Decimal(version.values[name]) for name in FIELDS
    }


class RuleEditView(FormView):
    """Change the rule of one connection."""

    access = Access.CHANGE_RULE
    form_class = RuleForm
    template_name = "customers/rule_form.html"
    title = _("Alterar a regra do programa")
    submit_label = _("Guardar a regra")
    success_url = cancel_url = reverse_lazy("customers:rule")

    @cached_property
    def connection(self) -> Connection:
        return get_object_or_404(Connection.objects.filter(is_active=True), pk=self.kwargs["pk"])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Regra do programa"), reverse("customers:rule"))]

    def get_form_kwargs(self) -> dict[str, Any]:
        rule = ProgrammeRule.objects.filter(connection=self.connection).first()
        kwargs = super().get_form_kwargs()
        kwargs["initial"] = {name: getattr(rule, name) for name in FIELDS} if rule else {}
        return kwargs

    def save(self, form: Any) -> None:
        user: Any = self.request.user
        changed = change_rule(connection=self.connection, values=form.cleaned_data, by=user)
        self.success_message: Text = (
            _("Regra guardada: as próximas estimativas usam esta.") if changed else _("A regra já era esta.")
        )
