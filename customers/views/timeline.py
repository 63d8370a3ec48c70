"""A customer's whole timeline, page by page; the first page stands on the customer's own."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.timeline import timeline
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import known_at
from smartbis_admin.ui.views import Breadcrumbs, DetailView


class TimelineView(DetailView):
    """Everything that happened to one customer. For htmx only what comes after `?depois=`."""

    access = Access.SEE_OVERVIEW
    queryset = Customer.objects.select_related("connection")
    title = _("Histórico")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [
            (_("Clientes"), reverse("customers:list")),
            (self.object.name, reverse("customers:detail", args=[self.object.pk])),
        ]

    def get_template_names(self) -> list[str]:
        htmx = self.request.htmx  # type: ignore[attr-defined]
        return ["customers/timeline_part.html" if htmx else "customers/timeline.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = timeline(
            self.object,
            viewer=self.request.user,
            known_at=known_at(self.object, Resource.CUSTOMERS),
            after=self.request.GET.get("depois", ""),
        )
        return super().get_context_data(events=page, **kwargs)
