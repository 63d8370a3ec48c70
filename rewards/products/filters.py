"""What the list of points products can be narrowed down by."""

from django.utils.translation import gettext_lazy as _

from rewards.products.models import PointsProduct
from smartbis_admin.sync.lists import MirrorFilterSet
from smartbis_admin.ui.filters import ChoiceFilter


class ProductFilter(MirrorFilterSet):
    """By the way of exchange."""

    exchange_type = ChoiceFilter(label=_("Troca"), choices=PointsProduct.Exchange, empty_label=_("Todas"))

    class Meta:
        model = PointsProduct
        fields: tuple[str, ...] = ()
