import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from smartbis_admin.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [("rewards", "0001_initial"), ("rewards", "0002_initial"), ("rewards", "0003_stock_watch")]

    initial = True

    dependencies = [
        ("connections", "0001_initial"),
        ("writes", "0001_initial"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Category",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("remote_id", models.CharField(max_length=128, verbose_name="id na plataforma")),
                        ("content_hash", models.BinaryField(max_length=16)),
                        (
                            "first_seen_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False
                            ),
                        ),
                        (
                            "stored_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False
                            ),
                        ),
                        ("missing_since", models.DateTimeField(editable=False, null=True)),
                        (
                            "withdrawn_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="retirado em"),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="nome")),
                        ("remote_created_at", models.DateTimeField(null=True, verbose_name="criada em")),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="connections.connection",
                                verbose_name="conexão",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "categoria",
                        "verbose_name_plural": "categorias",
                        "ordering": ["name", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("connection", "remote_id"), name="category_remote_unique"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reward",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("remote_id", models.CharField(max_length=128, verbose_name="id na plataforma")),
                        ("content_hash", models.BinaryField(max_length=16)),
                        (
                            "first_seen_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False
                            ),
                        ),
                        (
                            "stored_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False
                            ),
                        ),
                        ("missing_since", models.DateTimeField(editable=False, null=True)),
                        (
                            "withdrawn_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="retirado em"),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="nome")),
                        ("description", models.TextField(null=True, verbose_name="descrição")),
                        ("image_url", models.TextField(null=True)),
                        ("category_remote_id", models.CharField(max_length=128, null=True)),
                        (
                            "points_required",
                            models.DecimalField(
                                decimal_places=4, max_digits=18, null=True, verbose_name="pontos necessários"
                            ),
                        ),
                        ("stock", models.PositiveIntegerField(null=True, verbose_name="estoque")),
                        (
                            "limit_per_customer",
                            models.PositiveIntegerField(null=True, verbose_name="limite por cliente"),
                        ),
                        ("starts_at", models.DateTimeField(null=True, verbose_name="início")),
                        ("ends_at", models.DateTimeField(null=True, verbose_name="fim")),
                        ("rules", models.TextField(null=True, verbose_name="regras")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("active", "Ativa"),
                                    ("paused", "Pausada"),
                                    ("ended", "Encerrada"),
                                    ("unknown", "Não reconhecida"),
                                ],
                                default="unknown",
                                max_length=12,
                                verbose_name="situação",
                            ),
                        ),
                        ("status_word", models.CharField(blank=True, max_length=40)),
                        (
                            "remote_updated_at",
                            models.DateTimeField(null=True, verbose_name="atualizado na plataforma"),
                        ),
                        (
                            "category",
                            models.ForeignObject(
                                editable=False,
                                from_fields=["connection", "category_remote_id"],
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="rewards",
                                to="rewards.category",
                                to_fields=["connection", "remote_id"],
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="connections.connection",
                                verbose_name="conexão",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "recompensa",
                        "verbose_name_plural": "recompensas",
                        "ordering": ["name", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("connection", "remote_id"), name="reward_remote_unique"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StockChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("before", models.PositiveIntegerField(null=True, verbose_name="antes")),
                        ("target", models.PositiveIntegerField(verbose_name="pedido")),
                        ("after", models.PositiveIntegerField(null=True, verbose_name="depois")),
                        (
                            "reward",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stock_changes",
                                to="rewards.reward",
                            ),
                        ),
                        (
                            "write",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stock_change",
                                to="writes.write",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "alteração de estoque",
                        "verbose_name_plural": "alterações de estoque",
                        "ordering": ["-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="StockWatch",
                    fields=[
                        (
                            "reward",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="watch",
                                serialize=False,
                                to="rewards.reward",
                            ),
                        ),
                        (
                            "low_at",
                            models.PositiveIntegerField(null=True, verbose_name="avisar com estoque até"),
                        ),
                        ("went", models.PositiveIntegerField(default=0)),
                        ("days", models.PositiveSmallIntegerField(default=0)),
                        ("measured_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "acompanhamento de estoque",
                        "verbose_name_plural": "acompanhamentos de estoque",
                    },
                ),
                migrations.CreateModel(
                    name="StockReading",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("stock", models.PositiveIntegerField(null=True, verbose_name="estoque")),
                        ("at", models.DateTimeField(verbose_name="quando")),
                        (
                            "reward",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stock_readings",
                                to="rewards.reward",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "estoque informado",
                        "verbose_name_plural": "estoques informados",
                        "ordering": ["-at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("reward", "at"), name="stock_reading_once")
                        ],
                    },
                ),
            ]
        ),
    ]
