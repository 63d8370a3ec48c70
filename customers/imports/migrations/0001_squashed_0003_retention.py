import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from smartbis_admin.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [("imports", "0001_initial"), ("imports", "0002_kinds"), ("imports", "0003_retention")]

    initial = True

    dependencies = [
        ("connections", "0003_more_platforms"),
        ("staff", "0003_contingency_policies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Import",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("customers", "Clientes"),
                                    ("sales", "Vendas"),
                                    ("stock", "Estoque"),
                                ],
                                max_length=10,
                                verbose_name="o que traz",
                            ),
                        ),
                        ("file_name", models.CharField(max_length=200, verbose_name="arquivo")),
                        ("digest", models.CharField(editable=False, max_length=64)),
                        ("format", models.CharField(max_length=4)),
                        ("encoding", models.CharField(blank=True, max_length=20)),
                        ("delimiter", models.CharField(blank=True, max_length=1)),
                        ("has_header", models.BooleanField(default=True)),
                        ("sample", models.JSONField(default=list)),
                        ("mapping", models.JSONField(default=dict)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("mapping", "Escolher colunas"),
                                    ("checking", "Conferindo"),
                                    ("checked", "Conferida"),
                                    ("running", "Enviando"),
                                    ("paused", "Pausada"),
                                    ("done", "Concluída"),
                                ],
                                default="mapping",
                                max_length=10,
                                verbose_name="situação",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=40)),
                        ("cause", models.CharField(blank=True, max_length=40)),
                        ("rows_read", models.PositiveIntegerField(default=0)),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="quando")),
                        ("started_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("worker", models.UUIDField(null=True)),
                        ("heartbeat_at", models.DateTimeField(null=True)),
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
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="quem",
                            ),
                        ),
                        (
                            "started_by",
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
                        ("erased_at", models.DateTimeField(null=True)),
                        ("summary", models.JSONField(default=dict)),
                    ],
                    options={
                        "verbose_name": "importação",
                        "verbose_name_plural": "importações",
                        "ordering": ["-created_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["-created_at", "-id"], name="import_newest"),
                            models.Index(
                                condition=models.Q(("state__in", ["checking", "running"])),
                                fields=["state"],
                                name="import_working",
                            ),
                            models.Index(
                                condition=models.Q(("erased_at", None)),
                                fields=["created_at"],
                                name="import_with_rows",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("connection", "kind", "digest"), name="one_import_per_file"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportFile",
                    fields=[
                        (
                            "batch",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="file",
                                serialize=False,
                                to="imports.import",
                            ),
                        ),
                        ("content", models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name="ImportRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="linha")),
                        ("cells", models.JSONField(default=list)),
                        ("values", models.JSONField(default=dict)),
                        ("problems", models.JSONField(default=list, verbose_name="problema")),
                        ("message", models.TextField(blank=True)),
                        ("fingerprint", models.CharField(blank=True, editable=False, max_length=64)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("ready", "Pronta"),
                                    ("invalid", "Com erro"),
                                    ("repeated", "Repetida"),
                                    ("known", "Nada a enviar"),
                                    ("sending", "Enviando"),
                                    ("done", "Feita"),
                                    ("refused", "Recusada"),
                                    ("in_doubt", "A confirmar – não repita"),
                                    ("not_done", "Não realizada"),
                                    ("abandoned", "Abandonada"),
                                    ("undone", "Desfeita"),
                                ],
                                max_length=10,
                                verbose_name="situação",
                            ),
                        ),
                        ("write_id", models.UUIDField(null=True)),
                        (
                            "batch",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rows",
                                to="imports.import",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "linha",
                        "verbose_name_plural": "linhas",
                        "ordering": ["number", "pk"],
                        "indexes": [
                            models.Index(fields=["batch", "state", "number"], name="import_row_state"),
                            models.Index(
                                condition=models.Q(("state", "in_doubt")),
                                fields=["batch"],
                                name="import_row_in_doubt",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("batch", "number"), name="import_row_once")
                        ],
                    },
                ),
            ]
        ),
    ]
