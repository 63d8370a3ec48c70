"""Base of every screen whose form is one safe write: made once, shown truthfully.

Knows the ledger and no domain. A subclass says how to perform the write and what the platform's
refusals are called in front of people; nothing here says "saved" before the platform did.
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.words import explain
from smartbis_admin.ui.views import FormView, Text
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import SubjectBusyError

NOT_SENT = _("Não foi enviado. Tente de novo.")
NOT_DONE = _("Não foi realizado na plataforma. Confira e envie de novo.")
IN_DOUBT = _("A confirmar – não repita. O resultado aparece aqui assim que for conhecido.")
BUSY = _("Outro envio sobre o mesmo assunto ainda está a confirmar. Espere o resultado – não repita.")
SENT_BEFORE = _("Este formulário já tinha sido enviado com outros dados. Confira e envie de novo.")
REFUSED = _("A plataforma recusou: %(message)s")
REFUSED_SILENTLY = _("A plataforma recusou e não disse por quê. Confira os dados.")


class WriteForm(forms.Form):
    """Base of such forms. `write_id` is made when the form is shown, so that a double press is one write."""

    write_id = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Este formulário perdeu a validade. Confira e envie de novo."),
            "invalid": _("Este formulário perdeu a validade. Confira e envie de novo."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["write_id"].initial = uuid.uuid4

    def renew(self, **values: str) -> None:
        """Show the form again as a new intent, with these values in place of what was sent."""
        changed = {self.add_prefix(name): value for name, value in values.items()}
        sent = {name: self.data[name] for name in self.data}
        self.data = sent | changed | {self.add_prefix("write_id"): str(uuid.uuid4())}


class WriteFormView(FormView):
    """A form whose save is one safe write. Implement `is_intent` and `perform`.

    Done: the success message, then `get_success_url`. In doubt (or still on its way): a warning, then
    `get_success_url`, whose page shows it as open. Refused, not sent, busy: the form again, as a new
    intent, with the reason beside its field.
    """

    abstract = True
    form_class: type[WriteForm]
    #: Refusal code -> (form field or "", sentence).
    refusals: ClassVar[Mapping[str, tuple[str, str | Promise]]] = {}
    #: Shown once the platform said done.
    done_message: Text = ""

    def is_intent(self, write: Write, form: Any) -> bool:
        """Whether an earlier write of the same id asked for exactly what this form asks for."""
        raise NotImplementedError

    def perform(self, form: Any) -> Write:
        """Ask for it. May raise `SubjectBusyError`."""
        raise NotImplementedError

    def get_done_message(self, write: Write) -> Text:
        """What to say once the platform said done."""
        return self.done_message

    def get_open_writes(self) -> Iterable[Write]:
        """Writes that are open on what this form is about; shown above it."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(open_writes=self.get_open_writes(), **kwargs)

    def form_invalid(self, form: Any) -> Any:
        if "write_id" in form.errors:
            form.renew()
        return super().form_invalid(form)

    def save(self, form: Any) -> Write:
        earlier = Write.objects.filter(pk=form.cleaned_data["write_id"]).first()
        if earlier and not self.is_intent(earlier, form):
            # "Back" and other values: performing would answer for, or send, the old ones.
            form.renew()
            raise ValidationError(SENT_BEFORE)
        try:
            write = self.perform(form)
        except SubjectBusyError:
            form.renew()
            raise ValidationError(BUSY) from None
        if write.state == Write.State.DONE:
            messages.success(self.request, str(self.get_done_message(write)))
        elif write.is_open:
            messages.warning(self.request, str(IN_DOUBT))
        else:
            self.declined(form, write)
        return write

    def declined(self, form: Any, write: Write) -> None:
        """Raise the ValidationError for a write that did not happen, with the form as a new intent."""
        form.renew()
        raise ValidationError(self.get_reasons(form, write))

    def get_reasons(self, form: Any, write: Write) -> dict[str, list[Text]]:
        """Why it did not happen: sentences by form field."""
        if write.state == Write.State.NOT_SENT:
            sentences: list[Text] = [NOT_SENT]
            if write.error != "ProcessDied":
                sentences.append(explain(write.error, write.error_cause))
            return {NON_FIELD_ERRORS: sentences}
        if write.state != Write.State.REFUSED:
            return {NON_FIELD_ERRORS: [NOT_DONE]}
        if write.code in self.refusals:
            field, sentence = self.refusals[write.code]
            return {field or NON_FIELD_ERRORS: [sentence]}
        reasons = {name: texts for name, texts in write.field_errors.items() if name in form.fields and texts}
        if reasons:
            return reasons
        sentence = REFUSED % {"message": write.message} if write.message else REFUSED_SILENTLY
        return {NON_FIELD_ERRORS: [sentence]}
