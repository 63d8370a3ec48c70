"""How many points a person spends on a product for a customer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rewards.products.models import PointsProduct
from smartbis_admin.writes.screens import WriteForm


class BuyForm(WriteForm):
    """The points: what a fixed product was seen to cost, or a number within the steps of a variable one."""

    points = forms.IntegerField(
        label=_("Pontos a gastar"),
        min_value=1,
        error_messages={
            "required": _("Informe quantos pontos."),
            "invalid": _("Escreva um número inteiro."),
            "min_value": _("Informe pelo menos 1 ponto."),
        },
    )

    def __init__(self, *args: Any, product: PointsProduct, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.product = product
        field = self.fields["points"]
        if product.exchange_type == PointsProduct.Exchange.VARIABLE:
            limits = {"min": product.minimum, "max": product.maximum, "step": product.step}
            bounds = {name: str(int(value)) for name, value in limits.items() if value is not None}
            field.widget.attrs.update(bounds | {"inputmode": "numeric", "autocomplete": "off"})
        else:
            field.widget = forms.HiddenInput()

    def clean_points(self) -> int:
        points: int = self.cleaned_data["points"]
        product = self.product
        if product.exchange_type != PointsProduct.Exchange.VARIABLE:
            return points
        if product.minimum is not None and points < product.minimum:
            raise forms.ValidationError(_("O mínimo é %(points)d pontos.") % {"points": product.minimum})
        if product.maximum is not None and points > product.maximum:
            raise forms.ValidationError(_("O máximo é %(points)d pontos.") % {"points": product.maximum})
        if product.step and points % product.step:
            raise forms.ValidationError(
                _("O valor anda de %(points)d em %(points)d pontos.") % {"points": product.step}
            )
        return points

    def clean(self) -> None:
        points = self.cleaned_data.get("points")
        fixed = self.product.exchange_type != PointsProduct.Exchange.VARIABLE
        if fixed and points is not None and points != self.product.price:
            raise forms.ValidationError(_("O preço mudou enquanto esta página estava aberta. Confira."))
