"""What people write down about a customer: notes, tags, consents, and that two are not the same person."""

from typing import Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers import consents, duplicates, notes, tags
from customers.care_forms import ConsentForm, NoteForm
from customers.models import Customer, Note, Tag
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.views import AccessMixin, ActionView, Breadcrumbs, FormView, Text

NOT_YOURS = _("Só quem escreveu a nota pode mudá-la, e ela ainda tem de existir.")


class OfCustomer(AccessMixin):
    """Base of what belongs to one customer's page and leads back to it."""

    abstract = True
    access = Access.CARE_FOR_CUSTOMERS
    anchor = ""

    @cached_property
    def customer(self) -> Customer:
        return get_object_or_404(Customer, pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("customers:detail", args=[self.customer.pk]) + self.anchor

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [
            (_("Clientes"), reverse("customers:list")),
            (self.customer.name, reverse("customers:detail", args=[self.customer.pk])),
        ]


class NoteCreateView(OfCustomer, FormView):
    """Write a note."""

    form_class = NoteForm
    title = _("Escrever nota")
    submit_label = _("Salvar nota")
    success_message = _("Nota salva.")
    anchor = "#notes"

    def save(self, form: Any) -> None:
        user: Any = self.request.user
        notes.add_note(customer=self.customer, text=form.cleaned_data["text"], by=user)


class OfNote(OfCustomer):
    """Base of what is done with one note."""

    abstract = True
    anchor = "#notes"

    @cached_property
    def note(self) -> Note:
        rows = Note.objects.select_related("customer").filter(customer=self.kwargs["pk"])
        return get_object_or_404(rows, pk=self.kwargs["note"])


class NoteEditView(OfNote, FormView):
    """Change one's own note."""

    form_class = NoteForm
    title = _("Alterar nota")
    success_message = _("Nota alterada.")

    def get_initial(self) -> dict[str, Any]:
        return {"text": self.note.text if self.note.deleted_at is None else ""}

    def save(self, form: Any) -> None:
        user: Any = self.request.user
        if not notes.edit_note(note=self.note, text=form.cleaned_data["text"], by=user):
            raise ValidationError(NOT_YOURS)


class NoteDeleteView(OfNote, ActionView):
    """Delete one's own note; the message offers to bring it back."""

    def perform(self) -> Text:
        user: Any = self.request.user
        if not notes.delete_note(note=self.note, by=user):
            raise ValidationError(NOT_YOURS)
        self.undo_url = reverse("customers:note_restore", args=[self.customer.pk, self.note.pk])
        return _("Nota apagada.")


class NoteRestoreView(OfNote, ActionView):
    """Bring one's own deleted note back."""

    def perform(self) -> Text:
        user: Any = self.request.user
        if not notes.restore_note(note=self.note, by=user):
            raise ValidationError(_("Esta nota não pode mais ser recuperada."))
        return _("Nota recuperada.")


class TagPutView(OfCustomer, ActionView):
    """Put one tag on a customer."""

    def perform(self) -> Text:
        user: Any = self.request.user
        tag = self.chosen()
        tags.add_tag(tag_id=tag.pk, customers=[self.customer], by=user)
        return _("Etiqueta posta: %(tag)s") % {"tag": tag}

    def chosen(self) -> Tag:
        """The tag that was chosen. Raises ValidationError."""
        key = self.request.POST.get("tag", "")
        tag = tags.tags_in_use().filter(pk=key).first() if key.isdecimal() else None
        if tag is None:
            raise ValidationError(_("Escolha uma etiqueta."))
        return tag


class TagTakeView(OfCustomer, ActionView):
    """Take one tag off a customer; the message offers to put it back."""

    def perform(self) -> Text:
        user: Any = self.request.user
        tag = get_object_or_404(Tag, pk=self.kwargs["tag"])
        if not tags.bearers(tag.pk, [self.customer]):
            raise ValidationError(_("O cliente não tem mais esta etiqueta."))
        tags.remove_tag(tag_id=tag.pk, customers=[self.customer], by=user)
        self.undo_url = reverse("customers:tag_back", args=[self.customer.pk, tag.pk])
        return _("Etiqueta tirada: %(tag)s") % {"tag": tag}


class TagBackView(OfCustomer, ActionView):
    """Undo having taken a tag off."""

    def perform(self) -> Text:
        user: Any = self.request.user
        tag = get_object_or_404(Tag, pk=self.kwargs["tag"])
        tags.undo_remove(tag_id=tag.pk, customers=[self.customer], by=user)
        return _("Etiqueta posta: %(tag)s") % {"tag": tag}


class ConsentCreateView(OfCustomer, FormView):
    """Record what the customer said about being written to. Nothing recorded is ever changed."""

    form_class = ConsentForm
    title = _("Registrar consentimento")
    submit_label = _("Registrar")
    success_message = _("Consentimento registrado.")
    anchor = "#consents"

    def save(self, form: Any) -> None:
        user: Any = self.request.user
        consents.record_consent(customer=self.customer, by=user, **form.cleaned_data)


class NotSameView(OfCustomer, ActionView):
    """Never hint again that these two are one person."""

    def perform(self) -> Text:
        user: Any = self.request.user
        rows = Customer.objects.filter(connection=self.customer.connection_id).exclude(pk=self.customer.pk)
        other = get_object_or_404(rows, pk=self.kwargs["other"])
        duplicates.not_same_person(customer=self.customer, other=other, by=user)
        return _("Anotado: não são a mesma pessoa.")
