"""What people type into notes, tags and consents."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Consent, Tag
from smartbis_admin.ui.forms import DateInput


class NoteForm(forms.Form):
    """One note."""

    text = forms.CharField(
        label=_("Nota"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000}),
        help_text=_("Fica só aqui: nada vai à plataforma. A equipe de gestão vê."),
        error_messages={"required": _("Escreva a nota.")},
    )


class ConsentForm(forms.Form):
    """One statement of the customer."""

    channel = forms.ChoiceField(label=_("Canal"), choices=Consent.Channel)
    is_given = forms.TypedChoiceField(
        label=_("O que o cliente disse"),
        choices=[("yes", _("Pode escrever")), ("no", _("Não quer mais: descadastro"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Diga o que o cliente disse.")},
    )
    said_on = forms.DateField(label=_("Data"), widget=DateInput, help_text=_("Quando o cliente disse."))
    source = forms.ChoiceField(label=_("Origem"), choices=Consent.Source)
    proof = forms.CharField(
        label=_("Prova"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}),
        help_text=_("O que mostra isso: o número do formulário, onde está guardado, a mensagem."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["said_on"].initial = timezone.localdate

    def clean_said_on(self) -> Any:
        said = self.cleaned_data["said_on"]
        if said > timezone.localdate():
            raise ValidationError(_("A data está no futuro."))
        if said.year < 2000:
            raise ValidationError(_("Confira o ano."))
        return said


class TagForm(forms.ModelForm):
    """A tag of the company."""

    class Meta:
        model = Tag
        fields = ("name", "color")

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        same = Tag.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).first()
        if same:
            raise ValidationError(
                _("Já existe uma etiqueta arquivada com este nome.")
                if same.archived_at
                else _("Já existe uma etiqueta com este nome.")
            )
        return name
