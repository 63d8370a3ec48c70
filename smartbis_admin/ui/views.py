"""Base classes of the screens. Each view declares its `access`; `ListView` is the four-line list.

Knows no domain. A screen is one of these classes with a queryset, a table, a form or a service call.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views import generic

from smartbis_admin.ui.gate import AccessMixin, Breadcrumbs, Text
from smartbis_admin.ui.lists import ListView

__all__ = [
    "AccessMixin",
    "ActionView",
    "Breadcrumbs",
    "DetailView",
    "FormView",
    "ListView",
    "TemplateView",
    "Text",
]


class TemplateView(AccessMixin, generic.TemplateView):
    """A page made of a template."""

    abstract = True


class DetailView(AccessMixin, generic.DetailView):
    """The page of one row. Its title is the row's text unless `get_title` says otherwise."""

    abstract = True

    def get_title(self) -> Text:
        return self.title or str(self.object)


class FormView(AccessMixin, generic.FormView):
    """A form on a page of its own. Implement `save`; `success_message` is shown after it.

    `save` may raise ValidationError (also per field): the form is shown again with it.
    """

    abstract = True
    template_name = "ui/form_page.html"
    submit_label: Text = _("Salvar")
    success_message: Text = ""

    @property
    def cancel_url(self) -> Text | None:
        """Where "Cancelar" leads; without it the button is left out."""
        return None

    def save(self, form: Any) -> Any:
        """Do what the form asks for. Its result is kept as `self.result` for `get_success_url`."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.result = self.save(form)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        if self.success_message:
            messages.success(self.request, str(self.success_message))
        return super().form_valid(form)


class ActionView(AccessMixin):
    """One act behind a button: POST only. Implement `perform`.

    With `confirm_text` the first POST shows a page that asks, and its button does it; that works without
    JavaScript too. `perform` may raise ValidationError: nothing was done and the message says why.
    """

    abstract = True
    http_method_names = ["post", "options"]
    template_name = "ui/confirm.html"
    confirm_text: Text = ""
    confirm_label: Text = _("Confirmar")
    danger = False
    #: Address that takes it back, set by `perform`; the toast offers it. Another action, POST without a question.
    undo_url = ""

    def perform(self) -> Text | None:
        """Do it and return the sentence to show, or None."""
        raise NotImplementedError

    def get_confirm_text(self) -> Text:
        """The question to ask first; empty: no question."""
        return self.confirm_text

    def get_success_url(self) -> str:
        """Where to go without a `next` in the form."""
        return "/"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        target = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(
            target, {request.get_host()}, require_https=request.is_secure()
        ):
            target = self.get_success_url()
        question = self.get_confirm_text()
        if question and "confirmed" not in request.POST:
            replayed = [(name, value) for name, values in request.POST.lists() for value in values]
            context = self.get_context_data(
                question=question,
                back_url=target,
                replayed=[pair for pair in replayed if "csrf" not in pair[0]],
            )
            return render(request, self.template_name, context)
        try:
            message = self.perform()
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            if message:
                messages.success(request, str(message), extra_tags=self.undo_url)
        return HttpResponseRedirect(target)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            "view": self,
            "page_title": self.get_title() or self.confirm_label,
            "breadcrumbs": self.get_breadcrumbs(),
            **kwargs,
        }
