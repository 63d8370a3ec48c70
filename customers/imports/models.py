"""One uploaded file, its bytes until it is sent, and its rows.

The rows are the job: what is still to do, what happened, and what a person reads are the same rows.
Knows nothing of files' formats and of the wire.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store


class Import(models.Model):
    """One file of customers, of sales, or of what another room registers in `kinds.py`."""

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", _("Clientes")
        SALES = "sales", _("Vendas")
        STOCK = "stock", _("Estoque")

    class State(models.TextChoices):
        #: Uploaded; a person says which column is what.
        MAPPING = "mapping", _("Escolher colunas")
        #: A job reads and checks every row; nothing leaves.
        CHECKING = "checking", _("Conferindo")
        CHECKED = "checked", _("Conferida")
        #: A job sends the rows that are ready.
        RUNNING = "running", _("Enviando")
        PAUSED = "paused", _("Pausada")
        DONE = "done", _("Concluída")

    WORKING = (State.CHECKING, State.RUNNING)

    kind = models.CharField(_("o que traz"), max_length=10, choices=Kind)
    connection = models.ForeignKey(
        Connection, verbose_name=_("conexão"), on_delete=models.PROTECT, related_name="+"
    )
    #: Where the sales were made; None = not told.
    store = models.ForeignKey(
        Store, verbose_name=_("loja"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    file_name = models.CharField(_("arquivo"), max_length=200)
    #: SHA-256 of the bytes: the same file is one import.
    digest = models.CharField(max_length=64, editable=False)
    #: `csv` or `xlsx`.
    format = models.CharField(max_length=4)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    #: Whether the first line names the columns.
    has_header = models.BooleanField(default=True)
    #: The first lines as texts, to choose columns by.
    sample = models.JSONField(default=list)
    #: Field -> column (from 0).
    mapping = models.JSONField(default=dict)

    state = models.CharField(_("situação"), max_length=10, choices=State, default=State.MAPPING)
    #: Class name of an `ApiError` or a word of `words.py`: why it waits, is paused or could not be read.
    reason = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    #: Rows looked at by the check.
    rows_read = models.PositiveIntegerField(default=0)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("quem"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("quando"), auto_now_add=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    #: When its rows and its sample were erased (`retention.py`), and how many were in each state then.
    erased_at = models.DateTimeField(null=True)
    summary = models.JSONField(default=dict)
    #: Who works on it, by lease: void once the heartbeat is stale.
    worker = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("importação")
        verbose_name_plural = _("importações")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "digest"], name="one_import_per_file")
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="import_newest"),
            models.Index(
                fields=["state"], condition=Q(state__in=["checking", "running"]), name="import_working"
            ),
            models.Index(fields=["created_at"], condition=Q(erased_at=None), name="import_with_rows"),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportFile(models.Model):
    """The bytes of a file, in the database so that any worker can read them; dropped once sending starts."""

    batch = models.OneToOneField(Import, on_delete=models.CASCADE, primary_key=True, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.batch_id)


class ImportRow(models.Model):
    """One row of a file and what became of it."""

    class State(models.TextChoices):
        READY = "ready", _("Pronta")
        #: Something in the file has to be corrected.
        INVALID = "invalid", _("Com erro")
        #: The same row was sent before, or stands above in this file.
        REPEATED = "repeated", _("Repetida")
        #: The platform has it already: nothing to do.
        KNOWN = "known", _("Nada a enviar")
        SENDING = "sending", _("Enviando")
        DONE = "done", _("Feita")
        REFUSED = "refused", _("Recusada")
        IN_DOUBT = "in_doubt", _("A confirmar – não repita")
        NOT_DONE = "not_done", _("Não realizada")
        ABANDONED = "abandoned", _("Abandonada")
        #: Taken back by a person before it left.
        UNDONE = "undone", _("Desfeita")

    #: Not done, and a person can do something about it: what the error file holds.
    TO_CORRECT = (State.INVALID, State.REFUSED, State.NOT_DONE)
    TO_SEND = (State.READY, State.SENDING)

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    #: Line in the file, from 1.
    number = models.PositiveIntegerField(_("linha"))
    #: As read, to be given back in the error file.
    cells = models.JSONField(default=list)
    #: Field -> cleaned text; what could not be understood is left out.
    values = models.JSONField(default=dict)
    #: [[field or "", code, …]]: see `words.py`.
    problems = models.JSONField(_("problema"), default=list)
    #: The platform's sentence, where it refused.
    message = models.TextField(blank=True)
    #: Equal for equal rows, whatever file they come from.
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    state = models.CharField(_("situação"), max_length=10, choices=State)
    #: The ledger's entry it became, planned before the call.
    write_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("linha")
        verbose_name_plural = _("linhas")
        ordering = ["number", "pk"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]
        indexes = [
            models.Index(fields=["batch", "state", "number"], name="import_row_state"),
            models.Index(fields=["batch"], condition=Q(state="in_doubt"), name="import_row_in_doubt"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.number}"
