"""The part of a list that takes what was picked: rows by their boxes, or everything the filter finds."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import generic

from smartbis_admin.ui.bulk.actions import AnswerAction, BulkAction, ListAction
from smartbis_admin.ui.bulk.jobs import MOST, draft, picked
from smartbis_admin.ui.export import FORMATS

NOTHING = _("Nada foi selecionado. Marque as linhas na lista.")


class Selectable(generic.View):
    """Mixed into every list; without `bulk_actions` nothing can be picked."""

    bulk_actions: ClassVar[Sequence[ListAction]] = ()

    def get_bulk_actions(self) -> list[ListAction]:
        """The acts this person may do here."""
        return [action for action in self.bulk_actions if action.is_for(self.request.user)]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do something with what was picked. The filters are those of the address."""
        view: Any = self
        acts = {action.name: action for action in self.get_bulk_actions()}
        if not acts:
            return HttpResponseNotAllowed(["GET", "HEAD", "OPTIONS"])
        url, wanted = request.get_full_path(), request.POST.get("act", "")
        found = view.filter_class(request.GET, queryset=view.get_queryset(), request=request).qs
        everything = "everything" in request.POST
        if not everything:
            found = picked(found, request.POST.getlist("row"))
        table = view.get_table(found)
        if not table.ordered()[:1]:
            messages.warning(request, str(NOTHING))
            return HttpResponseRedirect(url)
        if wanted in FORMATS:
            return view.export(table, wanted, picked=not everything)
        action = acts.get(wanted)
        if isinstance(action, AnswerAction):
            return action.answer(request, table.ordered()[:MOST])
        if isinstance(action, BulkAction):
            job = draft(
                action=action, rows=table.ordered(), by=request.user, title=str(view.get_title()), url=url
            )
            return HttpResponseRedirect(reverse("bulk", args=[job.pk]))
        return HttpResponseRedirect(url)
