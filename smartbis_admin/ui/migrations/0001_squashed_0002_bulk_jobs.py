import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from smartbis_admin.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [("ui", "0001_saved_views"), ("ui", "0002_bulk_jobs")]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="ChosenColumns",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("screen", models.CharField(max_length=80)),
                        ("columns", models.JSONField(default=list)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "colunas escolhidas",
                        "verbose_name_plural": "colunas escolhidas",
                        "constraints": [
                            models.UniqueConstraint(fields=("user", "screen"), name="columns_once_per_screen")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedView",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("screen", models.CharField(max_length=80)),
                        ("name", models.CharField(max_length=40, verbose_name="nome")),
                        ("query", models.CharField(blank=True, max_length=1000)),
                        (
                            "is_shared",
                            models.BooleanField(default=False, verbose_name="mostrar para toda a equipe"),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "visão salva",
                        "verbose_name_plural": "visões salvas",
                        "ordering": ["name", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "screen", "name"), name="view_once_per_name"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BulkJob",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("action", models.CharField(max_length=60)),
                        ("values", models.JSONField(null=True)),
                        ("list_title", models.CharField(max_length=200)),
                        ("list_url", models.CharField(max_length=1500)),
                        ("pks", models.JSONField(default=list)),
                        ("has_more", models.BooleanField(default=False)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Pré-visualização"),
                                    ("running", "Em andamento"),
                                    ("stopped", "Interrompida"),
                                    ("done", "Concluída"),
                                    ("undone", "Desfeita"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("position", models.PositiveIntegerField(default=0)),
                        ("changed", models.JSONField(default=list)),
                        ("left_out", models.JSONField(default=dict)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("heartbeat_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "ação em lote",
                        "verbose_name_plural": "ações em lote",
                        "ordering": ["-created_at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "running")),
                                fields=["heartbeat_at"],
                                name="bulk_job_running",
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
