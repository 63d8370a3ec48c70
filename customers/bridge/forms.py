"""What people say about card machines: who registers, which store, why a sale is dropped or let through."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.bridge.models import Bridge, PosMachine, PosStore
from customers.bridge.reference import LOOKED_AT
from customers.bridge.services import REVERSAL_STEPS
from customers.forms import CPF_ATTRS, PHONE_ATTRS
from customers.models import Customer
from smartbis_admin.api.capabilities import Capability
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store
from smartbis_admin.ui.forms import CpfField, MoneyField, PhoneField
from smartbis_admin.writes.screens import WriteForm


class ModeForm(forms.Form):
    """Who registers the sales, and for which programme. Nothing is chosen beforehand."""

    target = forms.ModelChoiceField(
        label=_("Programa dos clientes"),
        queryset=Connection.objects.none(),
        empty_label=_("Escolha"),
        error_messages={"required": _("Escolha o programa.")},
        help_text=_("A conta da Smartbis em que os clientes acumulam."),
    )
    mode = forms.ChoiceField(
        label=_("Quem registra as vendas?"),
        widget=forms.RadioSelect,
        choices=[
            (
                Bridge.Mode.REGISTER,
                _("Este sistema registra. O painel da Smartbis não está conectado ao SmartPOS."),
            ),
            (
                Bridge.Mode.OBSERVE,
                _("Somente acompanhar. O painel da Smartbis está conectado ao SmartPOS e registra."),
            ),
        ],
        error_messages={"required": _("Escolha quem registra as vendas: não há resposta padrão.")},
    )
    sure = forms.BooleanField(
        label=_("Conferi no painel da Smartbis, no menu Integrações, se o SmartPOS está conectado lá."),
        error_messages={"required": _("Confira no painel antes de salvar a escolha.")},
    )
    creates_customers = forms.BooleanField(
        label=_("Cadastrar sozinho quem ainda não é cliente, quando a venda traz CPF, nome e telefone"),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["target"]
        choice.queryset = Connection.objects.able_to(Capability.REGISTER_SALE)


class StoreForm(forms.Form):
    """Which of our stores it is."""

    store = forms.ModelChoiceField(
        label=_("Loja"),
        queryset=Store.objects.filter(is_active=True),
        required=False,
        empty_label=_("Sem loja"),
    )

    def __init__(self, *args: Any, row: PosMachine | PosStore, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["store"]
        choice.initial = row.store_id
        if isinstance(row, PosMachine):
            choice.empty_label = _("A loja informada pelo SmartPOS")


class DiscardForm(forms.Form):
    """Why a sale is dropped without a customer."""

    note = forms.CharField(
        label=_("Por que descartar?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Fica registrado com o seu nome. Não escreva CPF, telefone nem e-mail."),
        error_messages={"required": _("Escreva por que a venda é descartada.")},
    )


class BulkLinkForm(forms.Form):
    """The customer many sales belong to, by CPF; `customer` is who that is."""

    customer: Customer
    cpf = CpfField(label=_("CPF do cliente"), widget=forms.TextInput(attrs=CPF_ATTRS))

    def clean_cpf(self) -> str:
        cpf: str = self.cleaned_data["cpf"]
        programmes = Bridge.objects.exclude(target=None).values("target")
        rows = list(Customer.objects.filter(cpf=cpf, connection__in=programmes, withdrawn_at=None)[:2])
        if len(rows) != 1:
            raise forms.ValidationError(_("Nenhum cliente destes programas tem este CPF."))
        self.customer = rows[0]
        return cpf


class BuyerForm(WriteForm):
    """A buyer to be registered as a customer, as far as the machine told of them."""

    cpf = CpfField(label=_("CPF"), widget=forms.TextInput(attrs=CPF_ATTRS))
    name = forms.CharField(
        label=_("Nome"), max_length=200, error_messages={"required": _("Informe o nome completo.")}
    )
    phone = PhoneField(label=_("Telefone"), widget=forms.TextInput(attrs=PHONE_ATTRS))
    email = forms.EmailField(label=_("E-mail"), required=False)


class ReversalForm(forms.Form):
    """The checklist of the panel. Ticks can be kept on the way; confirming takes all of them and what is seen."""

    evidence = forms.CharField(
        label=_("O que o painel mostra agora?"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Fica registrado com o seu nome. Não escreva CPF, telefone nem e-mail."),
    )

    def __init__(self, *args: Any, checklist: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels: Mapping[str, Any] = REVERSAL_STEPS
        for step, label in labels.items():
            self.fields[step] = forms.BooleanField(label=label, required=False, initial=step in checklist)
        self.order_fields([*REVERSAL_STEPS, "evidence"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "confirm" in self.data:
            for step in REVERSAL_STEPS:
                if not data.get(step):
                    self.add_error(step, _("Falta fazer isto."))
            if not data.get("evidence"):
                self.add_error("evidence", _("Escreva o que o painel mostra agora."))
        return data


class SeenForm(forms.Form):
    """What was found about a flag."""

    note = forms.CharField(
        label=_("O que você conferiu?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Fica registrado com o seu nome. Não escreva CPF, telefone nem e-mail."),
        error_messages={"required": _("Escreva o que você conferiu.")},
    )


class OverruleForm(forms.Form):
    """Why a sale that failed a check earns all the same."""

    note = forms.CharField(
        label=_("Por que liberar?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Fica registrado com o seu nome. Não escreva CPF, telefone nem e-mail."),
        error_messages={"required": _("Escreva por que a venda é liberada.")},
    )


class CorrectForm(forms.Form):
    """What is put right before a rejected sale is sent again."""

    amount = MoneyField(label=_("Valor da venda"))
    note = forms.CharField(
        label=_("O que foi corrigido?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Fica registrado com o seu nome. Não escreva CPF, telefone nem e-mail."),
        error_messages={"required": _("Escreva o que foi corrigido.")},
    )


class ReferenceForm(forms.Form):
    """What a person looked at; each has to be ticked."""

    looked_at = forms.MultipleChoiceField(
        label=_("O que foi conferido"),
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("customer", _("O cliente é quem comprou")),
            ("amount", _("O valor é o da maquininha")),
            ("benefit", _("O benefício é o esperado pela regra")),
        ],
        error_messages={"required": _("Confira e marque os três itens.")},
    )

    def clean_looked_at(self) -> list[str]:
        looked: list[str] = self.cleaned_data["looked_at"]
        if set(looked) != set(LOOKED_AT):
            raise forms.ValidationError(_("Confira e marque os três itens."))
        return looked


class FileForm(forms.Form):
    """A file of sales, and the account it was printed from."""

    bridge = forms.ModelChoiceField(label=_("Integração"), queryset=Bridge.objects.none(), empty_label=None)
    file = forms.FileField(
        label=_("Arquivo"),
        max_length=200,
        widget=forms.FileInput(
            attrs={"accept": ".csv,.txt,.xlsx", "class": "drop-input", "data-drop-input": True}
        ),
        error_messages={"required": _("Escolha um arquivo."), "empty": _("O arquivo está vazio.")},
        help_text=_("CSV ou XLSX impresso pelo SmartPOS, até 20 MB e 100.000 linhas."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = Bridge.objects.filter(connection__is_active=True).select_related("connection")
        choice: Any = self.fields["bridge"]
        choice.queryset, choice.initial = active, active.first()
        if len(active) == 1:
            choice.widget = forms.HiddenInput()
