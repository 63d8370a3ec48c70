"""The page of one act on many rows: what it needs to know, its preview, its progress, its result."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import SIGNED_IN
from smartbis_admin.ui.bulk import jobs
from smartbis_admin.ui.bulk.actions import BulkAction, action_named
from smartbis_admin.ui.models import BulkJob
from smartbis_admin.ui.views import Breadcrumbs, TemplateView, Text

#: State -> tone and icon.
LOOKS = {
    BulkJob.State.DRAFT: ("neutral", "eye"),
    BulkJob.State.RUNNING: ("info", "loader-2"),
    BulkJob.State.STOPPED: ("danger", "alert-triangle"),
    BulkJob.State.DONE: ("success", "circle-check"),
    BulkJob.State.UNDONE: ("neutral", "arrow-back-up"),
}


class BulkJobView(TemplateView):
    """One's own job. Whoever lost the permission for the act in the meantime is refused."""

    access = SIGNED_IN
    template_name = "ui/bulk.html"

    @cached_property
    def job(self) -> BulkJob:
        rows = BulkJob.objects.select_related("user").filter(user=self.request.user.pk)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @cached_property
    def action(self) -> BulkAction:
        action = action_named(self.job.action)
        if action is None:
            raise Http404
        if not action.is_for(self.request.user):
            raise PermissionDenied
        return action

    def get_title(self) -> Text:
        return self.action.label if self.job.values is None else self.action.describe(self.job.values)

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(self.job.list_title, self.job.list_url)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        job, action = self.job, self.action
        asking = job.state == BulkJob.State.DRAFT and job.values is None
        tone, icon = LOOKS[BulkJob.State(job.state)]
        context: dict[str, Any] = {"job": job, "action": action, "tone": tone, "icon": icon, "asking": asking}
        if asking and action.form_class:
            context["form"] = kwargs.get("form") or action.form_class()
        elif job.state == BulkJob.State.DRAFT:
            context["doing"], context["left"] = jobs.preview(job, action)
        else:
            context["left"] = [
                jobs.Group(count, [], jobs.reason_of(action, code)) for code, count in job.left_out.items()
            ]
        return super().get_context_data(**(context | kwargs))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step = request.POST.get("step", "")
        if step == "values" and self.job.state == BulkJob.State.DRAFT and self.action.form_class:
            form = self.action.form_class(request.POST)
            if not form.is_valid():
                return self.render_to_response(self.get_context_data(form=form))
            BulkJob.objects.filter(pk=self.job.pk, state=BulkJob.State.DRAFT).update(
                values=self.action.values(form)
            )
        elif step == "change" and self.action.form_class:
            BulkJob.objects.filter(pk=self.job.pk, state=BulkJob.State.DRAFT).update(values=None)
        elif step == "start" and self.job.values is not None:
            jobs.start(self.job, self.action)
        elif step == "undo" and self.action.undoable and jobs.undo(self.job, self.action):
            messages.success(request, str(_("Desfeito: tudo está como antes.")))
        return HttpResponseRedirect(request.path)
