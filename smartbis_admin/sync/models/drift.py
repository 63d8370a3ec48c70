"""What changed at a platform without a write of ours, as a person sees and settles it.

Knows no domain: a row is named by its list and the platform's id; what its columns mean is asked of
the rule its room registered (`drift/rules.py`).
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.models.runs import SyncRun


class Drift(models.Model):
    """One difference between what we knew and what the platform now says."""

    class Kind(models.TextChoices):
        CHANGED = "changed", _("Alterado na plataforma")
        USED_ELSEWHERE = "used_elsewhere", _("Usado fora daqui")
        BALANCE = "balance", _("Saldo inesperado")
        MISSING = "missing", _("Sumiu da lista")
        WITHDRAWN = "withdrawn", _("Retirado")
        BACK = "back", _("Voltou à lista")
        UNKNOWN_FIELD = "unknown_field", _("Campo novo")
        #: `before` is what our rule expected of a sale, `after` what the platform gave.
        BENEFIT = "benefit", _("Benefício diferente do esperado")

    class State(models.TextChoices):
        OPEN = "open", _("Em aberto")
        ACKNOWLEDGED = "acknowledged", _("Conferida")
        REPAIRED = "repaired", _("Corrigida")

    connection = models.ForeignKey(
        Connection, verbose_name=_("conexão"), on_delete=models.PROTECT, related_name="+"
    )
    #: The run that found it; None: a reading of the newest rows between two runs.
    run = models.ForeignKey(
        SyncRun, verbose_name=_("execução"), null=True, on_delete=models.CASCADE, related_name="drifts"
    )
    resource = models.CharField(_("lista"), max_length=30)
    kind = models.CharField(_("o que houve"), max_length=20, choices=Kind)
    #: Empty for a new field.
    remote_id = models.CharField(_("id na plataforma"), max_length=128, blank=True)
    #: What a person calls the row (codes masked), or the name of the new field.
    label = models.CharField(_("registro"), max_length=200)
    #: Column -> value as text (null: empty), only columns that differ.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    found_at = models.DateTimeField(_("encontrada"), auto_now_add=True)

    state = models.CharField(_("situação"), max_length=12, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("quem"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("conferida em"), null=True)

    class Meta:
        verbose_name = _("divergência")
        verbose_name_plural = _("divergências")
        ordering = ["-found_at", "-pk"]
        indexes = [
            models.Index(fields=["-found_at", "-id"], name="drift_newest"),
            models.Index(fields=["connection", "resource", "remote_id"], name="drift_of_row"),
            models.Index(fields=["kind"], condition=models.Q(state="open"), name="drift_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.label}"
