"""Noting a use at the till; the notes as a list, and taking one back."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import Access
from smartbis_admin.staff.shifts import touch
from smartbis_admin.ui.views import ActionView, Breadcrumbs, ListView, Text
from vouchers.elsewhere.filters import LocalUseFilter
from vouchers.elsewhere.models import LocalUse
from vouchers.elsewhere.services import note_use, take_back
from vouchers.elsewhere.tables import LocalUseTable
from vouchers.till.scans import one_scan
from vouchers.till.views import OnShift


class NoteView(OnShift):
    """The cashier says that what was just scanned at this till was used here."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        scan = one_scan().select_related("connection", "till__store").filter(pk=pk, till=self.till).first()
        if scan is None:
            raise Http404
        touch(self.shift)
        note_use(scan=scan, by=request.user)  # type: ignore[arg-type]
        return self.answer_scan(one_scan().get(pk=pk))


class LocalUseListView(ListView):
    """Every use that was noted, the newest first."""

    access = Access.SEE_SHIFTS
    queryset = LocalUse.objects.select_related("connection", "noted_by", "taken_back_by", "scan__till__store")
    table_class, filter_class = LocalUseTable, LocalUseFilter
    empty_title = _("Nenhum uso anotado")
    empty_text = _("No caixa, o código ou cartão de outro programa é reconhecido e o uso pode ser anotado.")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Turnos"), reverse("vouchers:shift_list"))]


class TakeBackView(ActionView):
    """Declare a note a mistake."""

    access = Access.DECIDE_REVERSALS
    danger = True
    confirm_text = _("Retirar a anotação deste uso? O código poderá ser anotado de novo.")
    confirm_label = _("Retirar anotação")

    def get_success_url(self) -> str:
        return reverse("elsewhere:list")

    def perform(self) -> Text:
        user: Any = self.request.user
        use = get_object_or_404(LocalUse, pk=self.kwargs["pk"])
        if not take_back(use=use, by=user):
            raise ValidationError(_("Esta anotação já tinha sido retirada."))
        return _("Anotação retirada.")
