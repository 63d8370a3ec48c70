"""What feeds sent that could not be used, and putting it aside."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.bridge.bulk import RESOLVE_ISSUES
from customers.bridge.filters import FeedIssueFilter
from customers.bridge.models import FeedIssue
from customers.bridge.tables import FeedIssueTable
from customers.bridge.views.base import DECIDE, SALES
from smartbis_admin.ui.views import Breadcrumbs, ListView


class FeedIssueListView(ListView):
    """Rows and deliveries that could not be read, the newest first."""

    access = DECIDE
    queryset = FeedIssue.objects.all()
    table_class, filter_class = FeedIssueTable, FeedIssueFilter
    template_name = "bridge/plain_list.html"
    title = _("Linhas não lidas")
    bulk_actions = (RESOLVE_ISSUES,)
    empty_title = _("Tudo foi lido")
    empty_text = _("O que o SmartPOS enviar e não puder ser usado aparece aqui, com o motivo. O resto segue.")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(SALES, reverse("bridge:list"))]
