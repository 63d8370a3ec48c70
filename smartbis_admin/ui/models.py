"""What a person keeps about lists: named views (filters and order), the columns they want to see, and the acts
on many rows they started.
"""

import uuid

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


class BulkJob(models.Model):
    """One act on many rows: what was picked, how far it is, what was changed. Names rows by primary key only."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Pré-visualização")
        RUNNING = "running", _("Em andamento")
        #: An error stopped it between two pieces; it can go on.
        STOPPED = "stopped", _("Interrompida")
        DONE = "done", _("Concluída")
        UNDONE = "undone", _("Desfeita")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    #: Name of a registered `bulk.BulkAction`.
    action = models.CharField(max_length=60)
    #: What the act's form asked for; None: not asked yet.
    values = models.JSONField(null=True)
    #: The list's title and its address, filters included.
    list_title = models.CharField(max_length=200)
    list_url = models.CharField(max_length=1500)
    pks = models.JSONField(default=list)
    #: Everything the filter found was meant, and there was more than one act may take.
    has_more = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    #: Rows looked at, the changed ones among them, and the others by reason.
    position = models.PositiveIntegerField(default=0)
    changed = models.JSONField(default=list)
    left_out = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("ação em lote")
        verbose_name_plural = _("ações em lote")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["heartbeat_at"], condition=models.Q(state="running"), name="bulk_job_running"
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"
