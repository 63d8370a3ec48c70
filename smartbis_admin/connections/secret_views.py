"""The secret a bridge signs its deliveries with: made, shown this once, and the old one retired."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.push_secrets import (
    SecretState,
    make_push_secret,
    retire_push_secret,
    state_of,
)
from smartbis_admin.connections.views import OneConnection, facts_about
from smartbis_admin.ui.views import ActionView, Text


class PushSecretView(OneConnection):
    """Makes a secret for deliveries and shows it this once (POST: the answer itself shows it)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.connection.spec.signs_with_ours:
            raise Http404
        first = state_of(self.connection) is SecretState.NONE
        fresh = make_push_secret(connection=self.connection, by=request.user)  # type: ignore[arg-type]
        context = facts_about(self.connection) | {
            "page_title": _("Segredo de envio"),
            "breadcrumbs": self.get_breadcrumbs(),
            "object": self.connection,
            "fresh_secret": fresh,
            "first_secret": first,
        }
        return render(request, "connections/push_secret.html", context)


class RetireSecretView(OneConnection, ActionView):
    """Ends the change of the secret: from now on the newer one alone counts."""

    danger = True
    title = _("Aposentar o segredo anterior")
    confirm_label = _("Aposentar o segredo anterior")
    confirm_text = _(
        "As entregas assinadas com o segredo anterior passarão a ser recusadas. "
        "Confira antes se o SmartPOS já usa o novo."
    )

    def perform(self) -> Text:
        done = retire_push_secret(connection=self.connection, by=self.request.user)  # type: ignore[arg-type]
        if not done:
            raise ValidationError(_("Não há segredo anterior: só um está em uso."))
        return _("Agora só o segredo novo vale.")
