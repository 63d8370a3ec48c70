"""Points products as columns."""

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from rewards.products.models import PointsProduct
from smartbis_admin.ui.tables import Column, PointsColumn, StatusColumn, Table


class ProductTable(Table):
    """What points buy, by name; what a variable one costs is a range."""

    reward_name = Column()
    exchange_type = StatusColumn(
        {
            PointsProduct.Exchange.FIXED: ("neutral", "gift", PointsProduct.Exchange.FIXED.label),
            PointsProduct.Exchange.VARIABLE: ("info", "adjustments", PointsProduct.Exchange.VARIABLE.label),
            PointsProduct.Exchange.UNKNOWN: ("warning", "help-circle", PointsProduct.Exchange.UNKNOWN.label),
        },
        orderable=False,
    )
    price = Column(accessor="pk", verbose_name=_("pontos"), orderable=False, attrs={"td": {"class": "num"}})
    exchange_description = Column(orderable=False)
    minimum = PointsColumn(visible=False, orderable=False)
    maximum = PointsColumn(visible=False, orderable=False)
    step = PointsColumn(visible=False, orderable=False)

    class Meta:
        model = PointsProduct
        fields = (
            "reward_name",
            "exchange_type",
            "price",
            "exchange_description",
            "minimum",
            "maximum",
            "step",
        )
        order_by = "reward_name"

    def render_price(self, record: PointsProduct) -> str:
        return render_to_string("rewards/products/price.html", {"product": record})

    def value_price(self, record: PointsProduct) -> object:
        return record.price
