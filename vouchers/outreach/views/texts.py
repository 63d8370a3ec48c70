"""Texts: which there are, and the editor with its checks, its preview with a real customer and its test."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from customers.models import Consent, Customer
from customers.search import search
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.views import FormView, TemplateView, Text
from vouchers.outreach import texts
from vouchers.outreach.campaign_forms import text_label
from vouchers.outreach.forms import NewTextForm, TextForm
from vouchers.outreach.models import Template
from vouchers.outreach.models.texts import CHANNELS
from vouchers.outreach.preview import Preview, preview, send_test
from vouchers.outreach.services import preferences
from vouchers.outreach.triggers import PLACEHOLDERS, Language, Trigger, allowed_placeholders, spec_of
from vouchers.outreach.views.automations import text_places
from vouchers.outreach.views.base import Screen

#: Customers a search for somebody to preview with shows.
FEW = 5
#: Versions shown of one text.
MOST = 20
FIELDS = ("subject", "body", "action", "action_label", "action_url", "whatsapp_name", "whatsapp_button")


def editor_url(trigger: str, name: str, channel: str, language: str = Language.PT_BR) -> str:
    """Where a text is written."""
    url = reverse("outreach:text", args=[trigger, channel, language])
    return f"{url}?{urlencode({'nome': name})}" if name else url


class TextListView(Screen, TemplateView):
    """Every text by trigger, channel and language."""

    access = Access.MANAGE_MESSAGES
    tab = "texts"
    template_name = "outreach/text_list.html"
    title = _("Textos")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Template.objects.order_by("version").defer("body")
        latest = {(row.trigger, row.name, row.channel, row.language): row for row in rows}
        names = sorted({key[:2] for key in latest} | {(trigger.value, "") for trigger in Trigger})
        order = {trigger.value: place for place, trigger in enumerate(Trigger)}
        shown = [
            {
                "trigger": trigger,
                "name": name,
                "label": text_label(trigger, name),
                "channels": [
                    (
                        channel,
                        [(one, latest.get((trigger, name, channel.value, one.value))) for one in Language],
                    )
                    for channel in CHANNELS
                ],
            }
            for trigger, name in sorted(names, key=lambda pair: (order[pair[0]], pair[1]))
        ]
        return super().get_context_data(shown=shown, lacks_texts=not latest, **kwargs)


class TextCreateView(Screen, FormView):
    """Name a text of one's own; its editor follows."""

    access = Access.MANAGE_MESSAGES
    tab = "texts"
    form_class = NewTextForm
    title = _("Novo texto")
    submit_label = _("Escrever")
    cancel_url = reverse_lazy("outreach:text_list")

    def save(self, form: NewTextForm) -> str:
        asked = form.cleaned_data
        return editor_url(asked["trigger"], asked["name"], asked["channel"])

    def get_success_url(self) -> str:
        return str(self.result)


class TextEditView(Screen, FormView):
    """One text in one language for one channel. The same address checks and previews what is typed."""

    access = Access.MANAGE_MESSAGES
    tab = "texts"
    form_class = TextForm
    template_name = "outreach/text_form.html"
    submit_label = _("Salvar o texto")
    success_message = _("Texto salvo. Ele vale para as próximas mensagens.")
    cancel_url = reverse_lazy("outreach:text_list")

    @cached_property
    def place(self) -> dict[str, Any]:
        """Trigger, name, channel and language of this text."""
        asked, name = self.kwargs, self.request.GET.get("nome", "")
        known = asked["trigger"] in Trigger.values and asked["language"] in Language.values
        if not known or asked["channel"] not in CHANNELS or len(name) > 40:
            raise Http404
        if name and not spec_of(asked["trigger"]).by_hand:
            raise Http404
        return {key: asked[key] for key in ("trigger", "channel", "language")} | {"name": name}

    def get_title(self) -> Text:
        return text_label(self.place["trigger"], self.place["name"])

    def get_success_url(self) -> str:
        return editor_url(**self.place)

    @cached_property
    def versions(self) -> list[Template]:
        """The versions there are, the newest first."""
        rows = Template.objects.filter(**self.place).select_related("created_by")
        return list(rows.order_by("-version")[:MOST])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"channel": self.place["channel"]}

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("versao", "")
        shown = next((row for row in self.versions if str(row.version) == asked), None)
        start = shown or next(iter(self.versions), None)
        if start is None:
            return {"action": spec_of(self.place["trigger"]).action.value}
        return {name: getattr(start, name) for name in FIELDS}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, "outreach/preview.html", self._shown(form))
        if "look" in request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        if "test" in request.POST:
            self._send_test(form)
            return self.render_to_response(self.get_context_data(form=form))
        return super().post(request, *args, **kwargs)

    def save(self, form: TextForm) -> Template:
        return texts.save_text(**self.place, **form.cleaned_data, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.setdefault("form", None) or self.get_form()
        kwargs["form"] = form
        place = self.place
        return super().get_context_data(
            **self._shown(form),
            channel=Consent.Channel(place["channel"]),
            language=Language(place["language"]),
            versions=self.versions,
            places=text_places(place["trigger"], place["name"]),
            fields=[(f"{{{name}}}", PLACEHOLDERS[name]) for name in allowed_placeholders(place["trigger"])],
            has_portal=bool(preferences().portal_url),
            **kwargs,
        )

    def _shown(self, form: TextForm) -> dict[str, Any]:
        """Everything that follows from what is typed: checks, counts, the customer and the preview."""
        template, posted = self._typed(form), self.request.POST
        query = posted.get("person", "").strip()
        found = self._find(query)
        customer = self._customer(found)
        shown: Preview | None = preview(template=template, customer=customer) if customer else None
        allowed = allowed_placeholders(template.trigger)
        problems: dict[str, list[Text]] = {}
        for problem in texts.check(
            trigger=template.trigger, channel=template.channel, action=template.action, subject=template.subject,
            body=template.body, whatsapp_name=template.whatsapp_name, whatsapp_button=template.whatsapp_button,
        ):  # fmt: skip
            problems.setdefault(problem.field, []).append(problem.message)
        is_email = template.channel == Consent.Channel.EMAIL
        return {
            "template": template,
            "is_email": is_email,
            "problems": problems,
            "body_length": len(template.body),
            "body_most": 2000 if is_email else texts.MOST_ON_WHATSAPP,
            "subject_length": len(template.subject),
            "person": query,
            "found": found,
            "customer": customer,
            "shown": shown,
            "missing": [f"{{{name}}}" for name in shown.missing if name in allowed and name != "link"]
            if shown
            else [],
            "own_line": is_email and "{link}" not in template.body,
        }

    def _typed(self, form: TextForm) -> Template:
        """The text as it stands in the form, right or wrong."""
        values: dict[str, Any] = {name: form[name].value() or "" for name in FIELDS if name in form.fields}
        values["whatsapp_button"] = values.get("whatsapp_button") in (True, "on")
        values["body"] = values["body"].replace("\r\n", "\n")
        return Template(**self.place, **values)

    def _find(self, query: str) -> list[Customer]:
        customers = Customer.objects.filter(withdrawn_at=None).select_related("connection")
        return list(search(customers, query)[:FEW]) if len(query) > 1 else []

    def _customer(self, found: list[Customer]) -> Customer | None:
        """The one chosen, the first one found where that is none of them, else the newest."""
        rows = Customer.objects.filter(withdrawn_at=None).select_related("connection")
        asked = self.request.POST.get("customer", "")
        chosen = (
            rows.filter(pk=asked).first() if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
        )
        if found and chosen not in found:
            return found[0]
        return chosen or rows.order_by("-pk").first()

    def _send_test(self, form: TextForm) -> None:
        shown = self._shown(form)
        if shown["problems"] or not form.is_valid():
            messages.error(self.request, str(_("Corrija o texto antes de enviar o teste.")))
        elif shown["customer"] is None:
            messages.error(self.request, str(_("Ainda não há cliente com quem preencher o texto.")))
        else:
            try:
                send_test(template=shown["template"], customer=shown["customer"], by=self.person)
            except ValidationError as error:
                messages.error(self.request, " ".join(error.messages))
            else:
                sentence = _("Teste enviado para %(email)s.") % {"email": self.person.email}
                messages.success(self.request, str(sentence))
