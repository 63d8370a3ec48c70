"""The ledger of everything we ask a platform to change.

A row is committed before its call leaves and its outcome is set by a conditional update, so that a
crash at any moment leaves a row that tells the truth. Knows no domain: kinds are named by text.
Source: `architecture.md` mechanism 2, `smartbis-v2.md` §4.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till


class Write(models.Model):
    """One intent to change something on a platform, and what became of it."""

    class State(models.TextChoices):
        #: Committed; the call may be on its way.
        PENDING = "pending", _("Enviando")
        DONE = "done", _("Feito")
        REFUSED = "refused", _("Recusado")
        #: Never left; may be sent again.
        NOT_SENT = "not_sent", _("Não enviado")
        #: May or may not have happened; never sent again, settled by evidence or a person.
        IN_DOUBT = "in_doubt", _("A confirmar – não repita")
        #: Settled: it did not happen. A new intent may be made.
        NOT_DONE = "not_done", _("Não realizado")
        #: A person gave up finding out.
        ABANDONED = "abandoned", _("Abandonado")

    OPEN = (State.PENDING, State.IN_DOUBT)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(
        Connection, verbose_name=_("conexão"), on_delete=models.PROTECT, related_name="writes"
    )
    kind = models.CharField(_("operação"), max_length=30)
    #: What the kind needs to send and to settle; never a password.
    payload = models.JSONField(default=dict)
    #: What must not be touched twice at once, e.g. `voucher:ABC`; empty = nothing.
    subject = models.CharField(max_length=160, blank=True)
    state = models.CharField(_("situação"), max_length=12, choices=State, default=State.PENDING)

    created_at = models.DateTimeField(_("quando"), auto_now_add=True)
    #: Last time the call left (or tried to).
    sent_at = models.DateTimeField(null=True)
    #: When we stopped waiting for the answer.
    gave_up_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("quem"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    store = models.ForeignKey(
        Store, verbose_name=_("loja"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    till = models.ForeignKey(
        Till, verbose_name=_("ponto de caixa"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    #: Refusal: our code, the vendor's sentence, and its sentences by field.
    code = models.CharField(_("código"), max_length=60, blank=True)
    message = models.TextField(_("mensagem da plataforma"), blank=True)
    field_errors = models.JSONField(default=dict)
    #: Class name of the `ApiError` and the call's reference.
    error = models.CharField(max_length=40, blank=True)
    #: One word for the cause (`ApiError.reason`), for the sentence a person reads.
    error_cause = models.CharField(max_length=40, blank=True)
    reference = models.CharField(_("referência"), max_length=40, blank=True)
    #: Finding a person must look at, e.g. `dry_run`.
    alert = models.CharField(max_length=40, blank=True)
    #: What the platform answered, as plain JSON values.
    result = models.JSONField(default=dict)

    #: What was read before the call, for settling (balances, status, stock).
    before = models.JSONField(default=dict)
    #: Readings made while settling: [{"at": …, "found": …}].
    evidence = models.JSONField(default=list)
    settle_after = models.DateTimeField(null=True)
    #: True once the evidence cannot decide: only a person can.
    needs_person = models.BooleanField(default=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_reason = models.TextField(_("como foi resolvido"), blank=True)
    #: A manager let the next sale of this customer go ahead although this one is open.
    released_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("envio")
        verbose_name_plural = _("envios")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "subject"],
                condition=models.Q(state__in=["pending", "in_doubt"], released_at=None)
                & ~models.Q(subject=""),
                name="one_open_write_per_subject",
            )
        ]
        indexes = [
            # The history of one thing.
            models.Index(fields=["connection", "subject"], name="write_subject"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(state__in=["pending", "in_doubt"]),
                name="write_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_open(self) -> bool:
        """Whether it is still unknown what happened."""
        return self.state in self.OPEN
