"""What a person does with named views and columns of a list: keep, forget, choose."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import SIGNED_IN
from smartbis_admin.ui.gate import Text
from smartbis_admin.ui.models import ChosenColumns, SavedView
from smartbis_admin.ui.saved_lists import kept_query
from smartbis_admin.ui.views import ActionView

#: Named views of one person and one list.
MOST = 20


class ListActionView(ActionView):
    """Base of what a person keeps about a list."""

    abstract = True
    access = SIGNED_IN

    @property
    def user_id(self) -> Any:
        """The person it is kept for."""
        return self.request.user.pk

    @property
    def screen(self) -> str:
        """The list it is about. Raises ValidationError for anything that is no list's name."""
        name = self.request.POST.get("screen", "")
        try:
            reverse(name)
        except NoReverseMatch:
            raise ValidationError(_("Esta lista não existe.")) from None
        return name


class SaveView(ListActionView):
    """Keep the present filters and order under a name; the same name again replaces them."""

    def perform(self) -> Text:
        posted, user = self.request.POST, self.user_id
        name = posted.get("name", "").strip()[:40]
        query = kept_query(QueryDict(posted.get("query", "").removeprefix("?")))
        if not name:
            raise ValidationError(_("Dê um nome à visão."))
        if len(query) > 1000:
            raise ValidationError(_("Há filtros demais para salvar."))
        mine = SavedView.objects.filter(user_id=user, screen=self.screen)
        if not mine.filter(name=name).exists() and mine.count() >= MOST:
            raise ValidationError(_("Você já tem %(most)s visões desta lista. Apague uma.") % {"most": MOST})
        SavedView.objects.update_or_create(
            user_id=user,
            screen=self.screen,
            name=name,
            defaults={"query": query, "is_shared": "is_shared" in posted},
        )
        return _("Visão salva: %(name)s.") % {"name": name}


class DeleteView(ListActionView):
    """Forget one of one's own named views."""

    def perform(self) -> Text:
        gone, _rows = SavedView.objects.filter(pk=self.kwargs["pk"], user=self.request.user.pk).delete()
        if not gone:
            raise ValidationError(_("Esta visão não é sua ou já foi apagada."))
        return _("Visão apagada.")


class ColumnsView(ListActionView):
    """Choose the columns of a list."""

    def perform(self) -> Text:
        ChosenColumns.objects.update_or_create(
            user_id=self.user_id,
            screen=self.screen,
            defaults={"columns": self.request.POST.getlist("column")[:50]},
        )
        return _("Colunas salvas.")
