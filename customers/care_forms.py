"""What people type into notes, tags, consents and the programme's rule."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Consent, Tag
from smartbis_admin.ui.forms import DateInput, MoneyField


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


class RuleForm(forms.Form):
    """The programme's rule. Rates take more decimals than money (`communication-and-rules.md` §1)."""

    cashback_percent = forms.DecimalField(
        label=_("Percentual de cashback"),
        min_value=0,
        max_value=100,
        max_digits=6,
        decimal_places=3,
        localize=True,
        help_text=_("Quanto da venda volta como cashback, em %."),
    )
    points_per_brl = forms.DecimalField(
        label=_("Pontos por real"),
        min_value=0,
        max_digits=10,
        decimal_places=4,
        localize=True,
        help_text=_("Pode ser menos de 1: com 0,1 são dez reais por ponto."),
    )
    minimum_to_earn = MoneyField(
        label=_("Valor mínimo para acumular"),
        min_value=Decimal(0),
        required=False,
        help_text=_("Uma venda menor não acumula nada. Vazio: qualquer valor acumula."),
    )
    voucher_threshold = MoneyField(
        label=_("Saldo que gera voucher"),
        min_value=Decimal("0.01"),
        required=False,
        help_text=_("Com este saldo de cashback a plataforma emite um voucher. Vazio: nunca."),
    )

    def clean_minimum_to_earn(self) -> Decimal:
        return self.cleaned_data["minimum_to_earn"] or Decimal(0)
