"""What may be done about one import: send, pause, take back, forget."""

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from customers.imports import services
from customers.imports.kinds import KINDS
from customers.imports.models import ImportRow
from customers.imports.services import ImportRefusedError
from customers.imports.views.base import OneImport
from customers.imports.words import REFUSALS
from smartbis_admin.ui.formats import number as shown_number
from smartbis_admin.ui.views import (
    ActionView,
    Text,
)


class ImportActionView(OneImport, ActionView):
    """Base of what may be done about one import. Implement `act`."""

    abstract = True

    def act(self) -> Text:
        raise NotImplementedError

    def perform(self) -> Text:
        try:
            return self.act()
        except ImportRefusedError as error:
            raise ValidationError(str(REFUSALS[error.reason])) from error

    @property
    def by(self) -> Any:
        return self.request.user


class StartView(ImportActionView):
    """Send what is ready, or go on after a pause."""

    confirm_label = _("Enviar à plataforma")

    def get_confirm_text(self) -> Text:
        rows = self.batch.rows.filter(state__in=ImportRow.TO_SEND).count()
        return KINDS[self.batch.kind].question(rows) if rows else ""

    def act(self) -> Text:
        services.start(batch=self.batch, by=self.by)
        return _("Envio iniciado. O andamento aparece aqui, mesmo se você sair da página.")


class PauseView(ImportActionView):
    """Stop sending for now."""

    def act(self) -> Text:
        services.pause(batch=self.batch, by=self.by)
        return _("Envio pausado.")


class UndoView(ImportActionView):
    """Take back what has not left."""

    danger = True
    confirm_label = _("Desfazer o que não saiu")
    confirm_text = _("Desfazer todas as linhas que ainda não saíram? O que já foi enviado fica como está.")

    def act(self) -> Text:
        rows = services.undo(batch=self.batch, by=self.by)
        return ngettext("%(rows)s linha desfeita.", "%(rows)s linhas desfeitas.", rows) % {
            "rows": shown_number(rows)
        }


class DiscardView(ImportActionView):
    """Forget an import of which nothing was sent."""

    danger = True
    confirm_label = _("Descartar a importação")
    confirm_text = _(
        "Descartar esta importação? Nada foi enviado. O arquivo pode ser enviado de novo depois."
    )

    def act(self) -> Text:
        services.discard(batch=self.batch, by=self.by)
        return _("Importação descartada.")

    def get_success_url(self) -> str:
        return reverse("imports:list")
