import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("writes", "0001_initial"), ("writes", "0002_history_of_a_subject")]

    initial = True

    dependencies = [
        ("connections", "0002_programme_and_colour"),
        ("staff", "0003_contingency_policies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Write",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=30, verbose_name="operação")),
                ("payload", models.JSONField(default=dict)),
                ("subject", models.CharField(blank=True, max_length=160)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Enviando"),
                            ("done", "Feito"),
                            ("refused", "Recusado"),
                            ("not_sent", "Não enviado"),
                            ("in_doubt", "A confirmar – não repita"),
                            ("not_done", "Não realizado"),
                            ("abandoned", "Abandonado"),
                        ],
                        default="pending",
                        max_length=12,
                        verbose_name="situação",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="quando")),
                ("sent_at", models.DateTimeField(null=True)),
                ("gave_up_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("code", models.CharField(blank=True, max_length=60, verbose_name="código")),
                ("message", models.TextField(blank=True, verbose_name="mensagem da plataforma")),
                ("field_errors", models.JSONField(default=dict)),
                ("error", models.CharField(blank=True, max_length=40)),
                ("error_cause", models.CharField(blank=True, max_length=40)),
                ("reference", models.CharField(blank=True, max_length=40, verbose_name="referência")),
                ("alert", models.CharField(blank=True, max_length=40)),
                ("result", models.JSONField(default=dict)),
                ("before", models.JSONField(default=dict)),
                ("evidence", models.JSONField(default=list)),
                ("settle_after", models.DateTimeField(null=True)),
                ("needs_person", models.BooleanField(default=False)),
                ("settled_reason", models.TextField(blank=True, verbose_name="como foi resolvido")),
                ("released_at", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quem",
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="writes",
                        to="connections.connection",
                        verbose_name="conexão",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.store",
                        verbose_name="loja",
                    ),
                ),
                (
                    "till",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.till",
                        verbose_name="ponto de caixa",
                    ),
                ),
            ],
            options={
                "verbose_name": "envio",
                "verbose_name_plural": "envios",
                "ordering": ["-created_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["pending", "in_doubt"])),
                        fields=["created_at"],
                        name="write_open",
                    ),
                    models.Index(fields=["connection", "subject"], name="write_subject"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("released_at", None),
                            ("state__in", ["pending", "in_doubt"]),
                            models.Q(("subject", ""), _negated=True),
                        ),
                        fields=("connection", "subject"),
                        name="one_open_write_per_subject",
                    )
                ],
            },
        ),
    ]
