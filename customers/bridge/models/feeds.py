"""What came in by the three roads and could not be read, and the files people upload."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.bridge.models.account import Bridge


class Road(models.TextChoices):
    """How a sale came in first."""

    PULL = "pull", _("Leitura automática")
    PUSH = "push", _("Envio do SmartPOS")
    FILE = "file", _("Arquivo")


class FeedIssue(models.Model):
    """Something a feed sent that could not be used, or was used with a doubt. The same again is counted.

    Holds no value that was sent, so nothing personal.
    """

    bridge = models.ForeignKey(Bridge, on_delete=models.CASCADE, related_name="issues")
    road = models.CharField(_("origem"), max_length=4, choices=Road)
    #: What it was about: `sale`, `machine`, `buyer`, `delivery`.
    subject = models.CharField(max_length=10, default="sale")
    remote_id = models.CharField(_("ID da venda"), max_length=200, blank=True)
    #: One word; `words.py` has the sentences.
    reason = models.CharField(_("problema"), max_length=40)
    #: False where the row was kept all the same.
    is_lost = models.BooleanField(_("linha perdida"), default=True)
    count = models.PositiveIntegerField(_("vezes"), default=1)
    first_at = models.DateTimeField(_("desde"))
    last_at = models.DateTimeField(_("última vez"))
    #: Put aside by a person; a new occurrence brings it back.
    resolved_at = models.DateTimeField(_("resolvido em"), null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("problema de leitura")
        verbose_name_plural = _("problemas de leitura")
        ordering = ["-last_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bridge", "road", "subject", "remote_id", "reason"], name="feed_issue_once"
            )
        ]
        indexes = [
            models.Index(fields=["-last_at", "-id"], name="feed_issue_newest"),
            models.Index(fields=["-last_at", "-id"], condition=Q(resolved_at=None), name="feed_issue_open"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.remote_id}"


class PosFile(models.Model):
    """One file of sales as the bridge prints it (`smartpos.md` §2.4): previewed, then imported in the background."""

    class State(models.TextChoices):
        #: Uploaded; a person looks at the preview.
        PREVIEW = "preview", _("Pré-visualização")
        RUNNING = "running", _("Importando")
        DONE = "done", _("Concluída")
        #: The file turned out broken half-way; what was read before stays.
        FAILED = "failed", _("Falhou")

    OVER: ClassVar = (State.DONE, State.FAILED)

    bridge = models.ForeignKey(Bridge, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(_("arquivo"), max_length=200)
    #: SHA-256 of the bytes: the same file is one upload.
    digest = models.CharField(max_length=64, editable=False)
    #: `csv` or `xlsx`, with encoding and separator.
    format = models.CharField(max_length=4)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    #: The headings as they stand in the file, for the error file.
    header: Any = models.JSONField(default=list)
    #: Field -> its columns (from 0), as the headings say.
    columns: Any = models.JSONField(default=dict)
    #: Headings nobody asked for.
    ignored: Any = models.JSONField(default=list)

    state = models.CharField(_("situação"), max_length=8, choices=State, default=State.PREVIEW)
    reason = models.CharField(max_length=40, blank=True)
    #: Rows of data in the file, counted for the preview.
    rows_total = models.PositiveIntegerField(_("linhas"), default=0)
    rows_read = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(_("novas"), default=0)
    rows_duplicate = models.PositiveIntegerField(_("já recebidas"), default=0)
    rows_changed = models.PositiveIntegerField(_("alteradas"), default=0)
    rows_bad = models.PositiveIntegerField(_("com erro"), default=0)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("quem"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("quando"), auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    #: Who works on it, by lease: void once the heartbeat is stale.
    worker = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("arquivo de vendas")
        verbose_name_plural = _("arquivos de vendas")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["bridge", "digest"], name="pos_file_once")]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="pos_file_newest"),
            models.Index(fields=["state"], condition=Q(state="running"), name="pos_file_running"),
        ]

    def __str__(self) -> str:
        return self.name


class PosFileContent(models.Model):
    """The bytes of a file, in the database so that any worker can read them; dropped once it was imported."""

    file = models.OneToOneField(PosFile, on_delete=models.CASCADE, primary_key=True, related_name="content")
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.file_id)


class PosFileError(models.Model):
    """A row that could not be imported: what the error file gives back."""

    file = models.ForeignKey(PosFile, on_delete=models.CASCADE, related_name="errors")
    #: Line in the file, from 1.
    number = models.PositiveIntegerField(_("linha"))
    #: Name of the field that is wrong; empty: the row as a whole.
    field = models.CharField(max_length=20, blank=True)
    reason = models.CharField(_("problema"), max_length=40)
    #: As read.
    cells: Any = models.JSONField(default=list)

    class Meta:
        verbose_name = _("linha com erro")
        verbose_name_plural = _("linhas com erro")
        ordering = ["number", "pk"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="pos_file_error_once")]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.number}"
