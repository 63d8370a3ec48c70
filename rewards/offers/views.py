"""The screens of offers: list, page, create, edit, and what moves one along its life."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from rewards.offers import services
from rewards.offers.filters import OfferFilter
from rewards.offers.forms import NewOfferForm, OfferForm
from rewards.offers.life import why_not
from rewards.offers.tables import LOOKS, OfferTable
from rewards.offers.writes import FIELDS
from rewards.products.models import Offer
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.connections.words import explain
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import MirrorListView, known_at
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.views import ActionView, Breadcrumbs, DetailView, Text
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.screens import (
    BUSY,
    IN_DOUBT,
    NOT_DONE,
    NOT_SENT,
    REFUSED,
    REFUSED_SILENTLY,
    WriteFormView,
)
from smartbis_admin.writes.services import SubjectBusyError

GONE = _("A plataforma não lista mais esta oferta. Nada foi enviado.")
MOVED = _("A oferta mudou na plataforma e agora está assim: %(status)s. Nada foi enviado.")


def _place() -> tuple[Text, str]:
    return _("Ofertas"), reverse("offers:list")


def open_writes_of(offer: Offer) -> Iterable[Write]:
    """What was sent about an offer and is not known to have happened."""
    return Write.objects.filter(
        connection=offer.connection_id, subject=f"offer:{offer.remote_id}", state__in=Write.OPEN
    ).select_related("actor")


class OfferListView(MirrorListView):
    """Offers of the wallet programmes."""

    access = Access.SEE_REWARDS
    queryset = Offer.objects.all()
    table_class, filter_class = OfferTable, OfferFilter
    resource = Resource.OFFERS
    actions = (Link(_("Criar oferta"), "plus", "offers:create", Access.CHANGE_OFFERS),)
    empty_title = _("Nenhuma oferta ainda")
    empty_text = _("Crie a primeira oferta ou sincronize as que já existem na plataforma.")


class OfferDetailView(DetailView):
    """One offer, and what its state allows; what it does not is said beside the control."""

    access = Access.SEE_REWARDS
    queryset = Offer.objects.select_related("connection")
    template_name = "offers/detail.html"

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [_place()]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offer: Offer = self.object
        may_change = offer.connection.is_active and offer.connection.can(Capability.EDIT_OFFERS)
        tone, icon, label = LOOKS[Offer.Status(offer.status)]
        return super().get_context_data(
            known_at=known_at(offer, Resource.OFFERS),
            open_writes=open_writes_of(offer),
            may_change=may_change,
            tone=tone,
            icon=icon,
            label=label,
            edit_why=why_not(offer, "update"),
            acts=[
                (view.confirm_label, reverse(f"offers:{act}", args=[offer.pk]), why_not(offer, act))
                for act, view in MOVES.items()
            ],
            write_id=uuid.uuid4(),
            **kwargs,
        )


class OfferCreateView(WriteFormView):
    """A new offer; it begins as a draft."""

    access = Access.CHANGE_OFFERS
    form_class = NewOfferForm
    template_name = "offers/form.html"
    title = _("Criar oferta")
    submit_label = _("Criar rascunho")
    done_message = _("Oferta criada como rascunho. Os clientes a veem depois de publicada.")
    cancel_url = reverse_lazy("offers:list")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [_place()]

    def get_open_writes(self) -> Iterable[Write]:
        return Write.objects.filter(kind="create_offer", state__in=Write.OPEN).select_related("actor")

    def is_intent(self, write: Write, form: NewOfferForm) -> bool:
        asked = form.cleaned_data
        same = {name: asked[name] for name in FIELDS} == write.payload
        return same and (write.kind, write.connection_id) == ("create_offer", asked["connection"].pk)

    def perform(self, form: NewOfferForm) -> Write:
        asked = form.cleaned_data
        return services.create_offer(
            id=asked["write_id"],
            connection=asked["connection"],
            **{name: asked[name] for name in FIELDS},
            actor=self.request.user,  # type: ignore[arg-type]
        )

    def get_success_url(self) -> str:
        write: Write = self.result
        row = Offer.objects.filter(
            connection=write.connection_id, remote_id=write.result.get("remote_id", "")
        ).first()
        return reverse("offers:detail", args=[row.pk]) if row else reverse("offers:list")


def _asked(pk: int) -> Offer:
    able = Offer.objects.filter(connection__is_active=True).select_related("connection")
    return get_object_or_404(able, pk=pk, withdrawn_at=None)


class OfferEditView(WriteFormView):
    """Change an offer that is not cancelled; only what differs is sent."""

    access = Access.CHANGE_OFFERS
    form_class = OfferForm
    template_name = "offers/form.html"
    title = _("Alterar oferta")
    submit_label = _("Alterar oferta")
    done_message = _("Oferta alterada na plataforma.")

    @cached_property
    def offer(self) -> Offer:
        return _asked(self.kwargs["pk"])

    @property
    def cancel_url(self) -> str:
        return reverse("offers:detail", args=[self.offer.pk])

    def get_success_url(self) -> str:
        return self.cancel_url

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [_place(), (self.offer.name, self.cancel_url)]

    def get_open_writes(self) -> Iterable[Write]:
        return open_writes_of(self.offer)

    def _present(self) -> dict[str, Any]:
        offer = self.offer
        cost = None if offer.points_cost is None else int(offer.points_cost)
        return {
            "name": offer.name,
            "description": offer.description or "",
            "points_cost": cost,
            "auto_claim": bool(offer.auto_claim),
        }

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | self._present()

    def is_intent(self, write: Write, form: OfferForm) -> bool:
        about = (write.kind, write.connection_id, write.payload.get("offer_remote_id"))
        return about == ("update_offer", self.offer.connection_id, self.offer.remote_id) and all(
            form.cleaned_data[name] == write.payload[name] for name in FIELDS if name in write.payload
        )

    def perform(self, form: OfferForm) -> Write:
        asked, present = form.cleaned_data, self._present()
        changes = {name: asked[name] for name in FIELDS if asked[name] != present[name]}
        if not changes and not Write.objects.filter(pk=asked["write_id"]).exists():
            raise ValidationError(_("Nada mudou: não há o que enviar."))
        return services.update_offer(
            id=asked["write_id"],
            offer=self.offer,
            changes=changes,
            actor=self.request.user,  # type: ignore[arg-type]
        )

    def get_reasons(self, form: Any, write: Write) -> dict[str, list[Text]]:
        told = refused_before(self.offer, write)
        return {"__all__": [told]} if told else super().get_reasons(form, write)


def refused_before(offer: Offer, write: Write) -> Text:
    """Why the list, read first, did not let it leave; empty for anything else."""
    if write.code == "not_found":
        return GONE
    if write.code == "offer_status":
        offer.refresh_from_db()
        return MOVED % {"status": offer.get_status_display()}
    return ""


class _Move(ActionView):
    """One step of an offer's life: asked first, the list read, then sent once."""

    abstract = True
    access = Access.CHANGE_OFFERS
    act: str
    done: Text

    @cached_property
    def offer(self) -> Offer:
        return _asked(self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("offers:detail", args=[self.kwargs["pk"]])

    def get_confirm_text(self) -> Text:
        return self.confirm_text % {"name": self.offer.name}

    def perform(self) -> Text | None:
        try:
            id = uuid.UUID(self.request.POST.get("write_id", ""))
        except ValueError:
            raise ValidationError(_("Este formulário perdeu a validade. Confira e envie de novo.")) from None
        user: Any = self.request.user
        try:
            write = services.move_offer(id=id, offer=self.offer, act=self.act, actor=user)
        except SubjectBusyError:
            raise ValidationError(BUSY) from None
        if write.state == Write.State.DONE:
            return self.done
        if write.is_open:
            messages.warning(self.request, str(IN_DOUBT))
            return None
        if write.state == Write.State.NOT_SENT:
            raise ValidationError([NOT_SENT, explain(write.error, write.error_cause)])
        if write.state != Write.State.REFUSED:
            raise ValidationError(NOT_DONE)
        plain = REFUSED % {"message": write.message} if write.message else REFUSED_SILENTLY
        raise ValidationError(str(refused_before(self.offer, write) or plain))


class OfferPublishView(_Move):
    """Publish a draft."""

    access = Access.CHANGE_OFFERS
    act = "publish"
    confirm_text = _("Publicar a oferta “%(name)s”? Os clientes passam a vê-la.")
    confirm_label = _("Publicar")
    done = _("Oferta publicada.")


class OfferCancelView(_Move):
    """End a published offer."""

    access = Access.CHANGE_OFFERS
    act = "cancel"
    danger = True
    confirm_text = _("Cancelar a oferta “%(name)s”? Ela não pode ser publicada de novo.")
    confirm_label = _("Cancelar oferta")
    done = _("Oferta cancelada.")


class OfferDeleteView(_Move):
    """Delete a draft."""

    access = Access.CHANGE_OFFERS
    act = "delete"
    danger = True
    confirm_text = _("Excluir o rascunho “%(name)s”? Não há como desfazer.")
    confirm_label = _("Excluir")
    done = _("Rascunho excluído.")


MOVES: dict[str, type[_Move]] = {
    "publish": OfferPublishView,
    "cancel": OfferCancelView,
    "delete": OfferDeleteView,
}
