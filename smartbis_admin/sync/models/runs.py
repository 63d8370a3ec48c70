"""Mirrored rows, the runs over the lists they come from, and what a run found odd.

Knows no domain: a run names its resource by text.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection


class Mirrored(models.Model):
    """Base of every mirrored row: a cache with a memory, never deleted.

    Rows of other mirrors are named by the platform's id and joined through it (`remote_link`), so that
    no order of arrival matters and a row never points at something the platform did not say.
    """

    connection = models.ForeignKey(
        Connection, verbose_name=_("conexão"), on_delete=models.PROTECT, related_name="+"
    )
    remote_id = models.CharField(_("id na plataforma"), max_length=128)
    #: Hash of the mirrored content; a row whose hash is unchanged is not written.
    content_hash = models.BinaryField(max_length=16, editable=False)
    first_seen_at = models.DateTimeField(db_default=Now(), editable=False)
    #: When the mirrored content last changed here. The age shown on screens is that of the listing.
    stored_at = models.DateTimeField(db_default=Now(), editable=False)
    #: First complete walk that did not list the row; cleared when it is seen again.
    missing_since = models.DateTimeField(null=True, editable=False)
    #: Set when two complete walks in a row did not list it; a row seen again comes back.
    withdrawn_at = models.DateTimeField(_("retirado em"), null=True, editable=False)

    class Meta:
        abstract = True


def remote_link(to: str, from_field: str, *, related_name: str) -> Any:
    """A relation by (connection, platform id) instead of a local key. Always read with `select_related`.

    The target may not be here (not yet listed, or never): then the relation is None.
    """
    return models.ForeignObject(
        to,
        on_delete=models.DO_NOTHING,
        from_fields=["connection", from_field],
        to_fields=["connection", "remote_id"],
        related_name=related_name,
        null=True,
        editable=False,
    )


class SyncRun(models.Model):
    """One pass over one list of one connection. The row is the claim, the progress bar and the history."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Na fila")
        RUNNING = "running", _("Em andamento")
        DONE = "done", _("Concluída")
        INCOMPLETE = "incomplete", _("Incompleta")
        NEEDS_ATTENTION = "needs_attention", _("Precisa de decisão")
        FAILED = "failed", _("Falhou")
        CANCELLED = "cancelled", _("Cancelada")

    class Trigger(models.TextChoices):
        FIRST = "first", _("Primeira carga")
        NIGHTLY = "nightly", _("Noturna")
        SCHEDULED = "scheduled", _("Agendada")
        MANUAL = "manual", _("Pedida por uma pessoa")
        COMMAND = "command", _("Linha de comando")

    connection = models.ForeignKey(
        Connection, verbose_name=_("conexão"), on_delete=models.PROTECT, related_name="runs"
    )
    #: An `api.Resource` word: categories, rewards, customers, vouchers.
    resource = models.CharField(_("recurso"), max_length=30)
    state = models.CharField(_("situação"), max_length=20, choices=State, default=State.REQUESTED)
    trigger = models.CharField(_("origem"), max_length=20, choices=Trigger, default=Trigger.MANUAL)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("pedida por"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    requested_at = models.DateTimeField(_("pedida em"), auto_now_add=True)
    started_at = models.DateTimeField(_("início"), null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("fim"), null=True)
    cancel_requested = models.BooleanField(default=False)
    #: Random word of the process that runs it; a taken-over run has another one.
    claim = models.CharField(max_length=32, blank=True)
    #: How often an outage put it back in the queue, and until when it then rests.
    outages = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    #: How long it lay still between its pages since `started_at`: after outages, or while nobody missed its process.
    rested = models.DurationField(default=timedelta, db_default=timedelta())

    #: Where the walk stands (`engine.Position`) and which local rows it has seen, saved together.
    position = models.JSONField(null=True)
    #: zlib-compressed bitmap over local primary keys.
    seen = models.BinaryField(null=True)

    pages = models.PositiveIntegerField(_("páginas"), default=0)
    rows_seen = models.PositiveIntegerField(_("linhas lidas"), default=0)
    #: What the platform says there are; None where it does not say.
    rows_expected = models.PositiveIntegerField(_("linhas esperadas"), null=True)
    rows_created = models.PositiveIntegerField(_("novas"), default=0)
    rows_changed = models.PositiveIntegerField(_("alteradas"), default=0)
    rows_missing = models.PositiveIntegerField(_("ausentes"), default=0)
    rows_withdrawn = models.PositiveIntegerField(_("retiradas"), default=0)
    #: Withdrawals the brake holds back until a person decides.
    rows_held = models.PositiveIntegerField(_("retiradas suspensas"), default=0)
    rows_back = models.PositiveIntegerField(_("de volta"), default=0)
    issue_count = models.PositiveIntegerField(_("ocorrências"), default=0)
    #: Rows of `Drift` this run left, and changed rows it did not look at because there were too many.
    drift_count = models.PositiveIntegerField(_("divergências"), default=0)
    drift_skipped = models.PositiveIntegerField(default=0)
    #: The platform answered every page with the same rows (`smartbis-v2.md` "Paging").
    paging_ignored = models.BooleanField(default=False)
    #: Class name of the `ApiError`, or a word of `engine.Reason`.
    reason = models.CharField(_("motivo"), max_length=40, blank=True)
    #: One word for the cause of an `ApiError`, for the sentence a person reads.
    cause = models.CharField(max_length=40, blank=True)
    reference = models.CharField(_("referência"), max_length=40, blank=True)
    #: Who accepted or dismissed the withdrawal the brake held back.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decidida por"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decidida em"), null=True)

    class Meta:
        verbose_name = _("execução")
        verbose_name_plural = _("execuções")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            # Two lists of one connection would share its pace, and a claim only looks for a rival it can see.
            models.UniqueConstraint(
                fields=["connection"], condition=models.Q(state="running"), name="one_running_sync"
            ),
            models.UniqueConstraint(
                fields=["connection", "resource"],
                condition=models.Q(state="requested"),
                name="one_requested_sync",
            ),
        ]
        indexes = [models.Index(fields=["connection", "resource", "-finished_at"], name="sync_run_latest")]

    def __str__(self) -> str:
        return f"{self.resource} #{self.pk}"

    @property
    def percent(self) -> int | None:
        """Progress from 0 to 100, or None where the platform does not say how many rows there are."""
        if self.state == self.State.DONE:
            return 100
        if not self.rows_expected:
            return None
        return min(99, self.rows_seen * 100 // self.rows_expected)


class RowIssue(models.Model):
    """A row of a run that could not be read, or was read with a doubt. Holds no personal value."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="issues")
    remote_id = models.CharField(_("id na plataforma"), max_length=128, blank=True)
    field = models.CharField(_("campo"), max_length=60)
    problem = models.CharField(_("problema"), max_length=200)
    row_lost = models.BooleanField(_("linha não lida"), default=True)

    class Meta:
        verbose_name = _("ocorrência")
        verbose_name_plural = _("ocorrências")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}"


class UnknownField(models.Model):
    """A field name a list carried that the contract does not describe; the value is never kept."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="unknown_fields")
    resource = models.CharField(max_length=30)
    name = models.CharField(max_length=80)
    count = models.PositiveBigIntegerField(default=0)
    first_seen_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "resource", "name"], name="unknown_field_unique")
        ]

    def __str__(self) -> str:
        return f"{self.resource}.{self.name}"
