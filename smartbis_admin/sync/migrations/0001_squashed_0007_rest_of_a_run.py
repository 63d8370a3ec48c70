import datetime

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from smartbis_admin.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("sync", "0001_initial"),
        ("sync", "0002_drift_and_watch"),
        ("sync", "0003_drift_of_a_row"),
        ("sync", "0004_one_list_at_a_time"),
        ("sync", "0005_changes_known_until"),
        ("sync", "0006_benefit_drift"),
        ("sync", "0007_rest_of_a_run"),
    ]

    initial = True

    dependencies = [
        ("connections", "0002_programme_and_colour"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="SyncRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("resource", models.CharField(max_length=30, verbose_name="recurso")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("requested", "Na fila"),
                                    ("running", "Em andamento"),
                                    ("done", "Concluída"),
                                    ("incomplete", "Incompleta"),
                                    ("needs_attention", "Precisa de decisão"),
                                    ("failed", "Falhou"),
                                    ("cancelled", "Cancelada"),
                                ],
                                default="requested",
                                max_length=20,
                                verbose_name="situação",
                            ),
                        ),
                        (
                            "trigger",
                            models.CharField(
                                choices=[
                                    ("first", "Primeira carga"),
                                    ("nightly", "Noturna"),
                                    ("scheduled", "Agendada"),
                                    ("manual", "Pedida por uma pessoa"),
                                    ("command", "Linha de comando"),
                                ],
                                default="manual",
                                max_length=20,
                                verbose_name="origem",
                            ),
                        ),
                        ("requested_at", models.DateTimeField(auto_now_add=True, verbose_name="pedida em")),
                        ("started_at", models.DateTimeField(null=True, verbose_name="início")),
                        ("heartbeat_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="fim")),
                        ("cancel_requested", models.BooleanField(default=False)),
                        ("claim", models.CharField(blank=True, max_length=32)),
                        ("outages", models.PositiveSmallIntegerField(default=0)),
                        ("not_before", models.DateTimeField(null=True)),
                        ("position", models.JSONField(null=True)),
                        ("seen", models.BinaryField(null=True)),
                        ("pages", models.PositiveIntegerField(default=0, verbose_name="páginas")),
                        ("rows_seen", models.PositiveIntegerField(default=0, verbose_name="linhas lidas")),
                        (
                            "rows_expected",
                            models.PositiveIntegerField(null=True, verbose_name="linhas esperadas"),
                        ),
                        ("rows_created", models.PositiveIntegerField(default=0, verbose_name="novas")),
                        ("rows_changed", models.PositiveIntegerField(default=0, verbose_name="alteradas")),
                        ("rows_missing", models.PositiveIntegerField(default=0, verbose_name="ausentes")),
                        ("rows_withdrawn", models.PositiveIntegerField(default=0, verbose_name="retiradas")),
                        (
                            "rows_held",
                            models.PositiveIntegerField(default=0, verbose_name="retiradas suspensas"),
                        ),
                        ("rows_back", models.PositiveIntegerField(default=0, verbose_name="de volta")),
                        ("issue_count", models.PositiveIntegerField(default=0, verbose_name="ocorrências")),
                        ("paging_ignored", models.BooleanField(default=False)),
                        ("reason", models.CharField(blank=True, max_length=40, verbose_name="motivo")),
                        ("cause", models.CharField(blank=True, max_length=40)),
                        ("reference", models.CharField(blank=True, max_length=40, verbose_name="referência")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="decidida em")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decidida por",
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="connections.connection",
                                verbose_name="conexão",
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="pedida por",
                            ),
                        ),
                        ("drift_count", models.PositiveIntegerField(default=0, verbose_name="divergências")),
                        ("drift_skipped", models.PositiveIntegerField(default=0)),
                        (
                            "rested",
                            models.DurationField(
                                db_default=datetime.timedelta(0), default=datetime.timedelta
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "execução",
                        "verbose_name_plural": "execuções",
                        "ordering": ["-requested_at", "-pk"],
                        "indexes": [
                            models.Index(
                                fields=["connection", "resource", "-finished_at"], name="sync_run_latest"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "requested")),
                                fields=("connection", "resource"),
                                name="one_requested_sync",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "running")),
                                fields=("connection",),
                                name="one_running_sync",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RowIssue",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "remote_id",
                            models.CharField(blank=True, max_length=128, verbose_name="id na plataforma"),
                        ),
                        ("field", models.CharField(max_length=60, verbose_name="campo")),
                        ("problem", models.CharField(max_length=200, verbose_name="problema")),
                        ("row_lost", models.BooleanField(default=True, verbose_name="linha não lida")),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="issues",
                                to="sync.syncrun",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "ocorrência",
                        "verbose_name_plural": "ocorrências",
                        "ordering": ["pk"],
                    },
                ),
                migrations.CreateModel(
                    name="UnknownField",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("resource", models.CharField(max_length=30)),
                        ("name", models.CharField(max_length=80)),
                        ("count", models.PositiveBigIntegerField(default=0)),
                        (
                            "first_seen_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                        (
                            "last_seen_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="unknown_fields",
                                to="connections.connection",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("connection", "resource", "name"), name="unknown_field_unique"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Digest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField(unique=True)),
                        ("sent_at", models.DateTimeField(auto_now_add=True)),
                        ("found", models.PositiveIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name="MailChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("outages", models.BooleanField(default=True)),
                        ("digest", models.BooleanField(default=True)),
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sync_mail",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Drift",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("resource", models.CharField(max_length=30, verbose_name="lista")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("changed", "Alterado na plataforma"),
                                    ("used_elsewhere", "Usado fora daqui"),
                                    ("balance", "Saldo inesperado"),
                                    ("missing", "Sumiu da lista"),
                                    ("withdrawn", "Retirado"),
                                    ("back", "Voltou à lista"),
                                    ("unknown_field", "Campo novo"),
                                    ("benefit", "Benefício diferente do esperado"),
                                ],
                                max_length=20,
                                verbose_name="o que houve",
                            ),
                        ),
                        (
                            "remote_id",
                            models.CharField(blank=True, max_length=128, verbose_name="id na plataforma"),
                        ),
                        ("label", models.CharField(max_length=200, verbose_name="registro")),
                        ("before", models.JSONField(default=dict)),
                        ("after", models.JSONField(default=dict)),
                        ("found_at", models.DateTimeField(auto_now_add=True, verbose_name="encontrada")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Em aberto"),
                                    ("acknowledged", "Conferida"),
                                    ("repaired", "Corrigida"),
                                ],
                                default="open",
                                max_length=12,
                                verbose_name="situação",
                            ),
                        ),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="conferida em")),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="connections.connection",
                                verbose_name="conexão",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="quem",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="drifts",
                                to="sync.syncrun",
                                verbose_name="execução",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "divergência",
                        "verbose_name_plural": "divergências",
                        "ordering": ["-found_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["-found_at", "-id"], name="drift_newest"),
                            models.Index(
                                condition=models.Q(("state", "open")), fields=["kind"], name="drift_open"
                            ),
                            models.Index(fields=["connection", "resource", "remote_id"], name="drift_of_row"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NewestReading",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("resource", models.CharField(max_length=30)),
                        ("last_page", models.PositiveIntegerField(default=1)),
                        ("started_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("rows_created", models.PositiveIntegerField(default=0)),
                        ("rows_changed", models.PositiveIntegerField(default=0)),
                        ("reason", models.CharField(blank=True, max_length=40)),
                        ("cause", models.CharField(blank=True, max_length=40)),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="newest_readings",
                                to="connections.connection",
                            ),
                        ),
                        ("known_until", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("connection", "resource"), name="one_newest_reading"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Outage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("resource", models.CharField(max_length=30)),
                        ("opened_at", models.DateTimeField(auto_now_add=True)),
                        ("closed_at", models.DateTimeField(null=True)),
                        ("told_open", models.BooleanField(default=False)),
                        ("told_closed", models.BooleanField(default=False)),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="outages",
                                to="connections.connection",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="sync.syncrun",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("closed_at", None)),
                                fields=("connection", "resource"),
                                name="one_open_outage",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Pause",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("resource", models.CharField(blank=True, max_length=30)),
                        ("paused_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="pauses",
                                to="connections.connection",
                            ),
                        ),
                        (
                            "paused_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("connection", "resource"), name="one_pause")
                        ],
                    },
                ),
            ]
        ),
    ]
