"""What can be done with vouchers picked in their list."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import Access
from smartbis_admin.ui.bulk import AnswerAction
from vouchers.sheet import MOST


class PrintQrs(AnswerAction):
    """The picked vouchers on a sheet to print."""

    name, label, icon = "vouchers.sheet", _("Folha de QR"), "qrcode"
    access = Access.SEE_PERSONAL_DATA

    def answer(self, request: Any, rows: QuerySet[Any]) -> HttpResponseBase:
        # One more than fits, so that the sheet can say that it left some out.
        picked = list(rows.values_list("pk", flat=True)[: MOST + 1])
        return HttpResponseRedirect(f"{reverse('vouchers:sheet')}?{urlencode({'row': picked}, doseq=True)}")


PRINT_QRS = PrintQrs()
