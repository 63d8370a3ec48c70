"""The life of an offer: draft, published, cancelled, never back. Source: `smartpasses-v1.md` §4.4."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rewards.products.models import Offer

#: Act -> the states it may begin in.
ALLOWED = {
    "update": frozenset({Offer.Status.DRAFT, Offer.Status.PUBLISHED}),
    "publish": frozenset({Offer.Status.DRAFT}),
    "cancel": frozenset({Offer.Status.PUBLISHED}),
    "delete": frozenset({Offer.Status.DRAFT}),
}
_GONE = _("A plataforma não lista mais esta oferta.")
_UNKNOWN = _("Não reconhecemos a situação desta oferta; mude-a no painel da plataforma.")
_WHY: dict[tuple[str, str], str | Promise] = {
    ("update", Offer.Status.CANCELLED): _("Uma oferta cancelada não pode mais ser alterada."),
    ("publish", Offer.Status.PUBLISHED): _("Esta oferta já está publicada."),
    ("publish", Offer.Status.CANCELLED): _("Uma oferta cancelada não volta a ser publicada. Crie outra."),
    ("cancel", Offer.Status.DRAFT): _("Um rascunho não se cancela: exclua-o."),
    ("cancel", Offer.Status.CANCELLED): _("Esta oferta já está cancelada."),
    ("delete", Offer.Status.PUBLISHED): _("Só rascunhos podem ser excluídos. Cancele a oferta publicada."),
    ("delete", Offer.Status.CANCELLED): _(
        "Só rascunhos podem ser excluídos. Uma oferta cancelada permanece."
    ),
}


def why_not(offer: Offer, act: str) -> str | Promise:
    """Why an act is not possible now; empty when it is."""
    if offer.withdrawn_at:
        return _GONE
    if offer.status in ALLOWED[act]:
        return ""
    return _WHY.get((act, offer.status), _UNKNOWN)
