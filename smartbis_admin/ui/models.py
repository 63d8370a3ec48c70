"""What a person keeps about lists: named views (filters and order) and the columns they want to see."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A list's filters and order under a name. Shared ones are offered to everybody who may open the list."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    #: Name of the list's address, e.g. `customers:list`.
    screen = models.CharField(max_length=80)
    name = models.CharField(_("nome"), max_length=40)
    #: The query string, without `?`, position and export.
    query = models.CharField(max_length=1000, blank=True)
    is_shared = models.BooleanField(_("mostrar para toda a equipe"), default=False)

    class Meta:
        verbose_name = _("visão salva")
        verbose_name_plural = _("visões salvas")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "screen", "name"], name="view_once_per_name")]

    def __str__(self) -> str:
        return self.name


class ChosenColumns(models.Model):
    """The columns a person sees of a list; without a row, all of them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    screen = models.CharField(max_length=80)
    columns = models.JSONField(default=list)

    class Meta:
        verbose_name = _("colunas escolhidas")
        verbose_name_plural = _("colunas escolhidas")
        constraints = [models.UniqueConstraint(fields=["user", "screen"], name="columns_once_per_screen")]

    def __str__(self) -> str:
        return self.screen
