"""The list of offers."""

from rewards.products.models import Offer
from smartbis_admin.ui.tables import Column, LinkColumn, PointsColumn, StatusColumn, Table

#: An offer's state: tone and icon.
LOOKS = {
    Offer.Status.DRAFT: ("neutral", "pencil", Offer.Status.DRAFT.label),
    Offer.Status.PUBLISHED: ("success", "circle-check", Offer.Status.PUBLISHED.label),
    Offer.Status.CANCELLED: ("neutral", "flag", Offer.Status.CANCELLED.label),
    Offer.Status.UNKNOWN: ("danger", "help-circle", Offer.Status.UNKNOWN.label),
}


class OfferTable(Table):
    """Offers with price and state."""

    name = LinkColumn("offers:detail")
    points_cost = PointsColumn()
    status = StatusColumn(LOOKS)
    remote_id = Column(visible=False)

    class Meta:
        model = Offer
        fields = ("name", "points_cost", "status")
        order_by = "name"
