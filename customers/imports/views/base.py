"""What every screen of one import shares: who may open it, and the way back."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.imports.kinds import KINDS
from customers.imports.models import Import
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.navigation import may
from smartbis_admin.ui.views import (
    AccessMixin,
    Breadcrumbs,
)

#: Managers register customers; whoever only serves at a counter imports nothing.
ACCESS = Access.REGISTER_CUSTOMER
IMPORTS = _("Importações")


class OneImport(AccessMixin):
    """Base of the screens of one import."""

    abstract = True
    access = ACCESS

    @cached_property
    def batch(self) -> Import:
        rows = Import.objects.select_related("connection", "store", "created_by", "started_by")
        batch = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not may(self.request.user, KINDS[batch.kind].access):
            raise PermissionDenied
        return batch

    def require_rows(self) -> None:
        """Nothing of the kind is there once the rows were erased."""
        if self.batch.erased_at:
            raise Http404

    def get_success_url(self) -> str:
        return reverse("imports:detail", args=[self.batch.pk])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(IMPORTS, reverse("imports:list"))]
