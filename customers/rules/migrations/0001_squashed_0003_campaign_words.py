from importlib import import_module

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from smartbis_admin.tables import CreateTables

# A module whose name begins with a digit.
_take_over = import_module("customers.rules.migrations.0002_take_over").take_over


class Migration(migrations.Migration):
    replaces = [("rules", "0001_versions"), ("rules", "0002_take_over"), ("rules", "0003_campaign_words")]

    initial = True

    dependencies = [
        ("connections", "0004_absent_lists"),
        ("customers", "0006_consent_by_channel"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="RuleVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "cashback_percent",
                            models.DecimalField(
                                decimal_places=3,
                                default=0,
                                max_digits=6,
                                verbose_name="percentual de cashback",
                            ),
                        ),
                        (
                            "points_per_brl",
                            models.DecimalField(
                                decimal_places=4, default=0, max_digits=10, verbose_name="pontos por real"
                            ),
                        ),
                        (
                            "minimum_to_earn",
                            models.DecimalField(
                                decimal_places=2,
                                default=0,
                                max_digits=14,
                                verbose_name="valor mínimo para acumular",
                            ),
                        ),
                        (
                            "voucher_threshold",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="saldo que gera voucher",
                            ),
                        ),
                        (
                            "voucher_validity_days",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="validade do voucher (dias)"
                            ),
                        ),
                        (
                            "voucher_minimum_purchase",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="valor mínimo de compra do voucher",
                            ),
                        ),
                        (
                            "excluded_stores",
                            models.JSONField(blank=True, default=list, verbose_name="lojas que não acumulam"),
                        ),
                        (
                            "excluded_methods",
                            models.JSONField(
                                blank=True, default=list, verbose_name="formas de pagamento que não acumulam"
                            ),
                        ),
                        ("first_day", models.DateField(blank=True, null=True, verbose_name="acumula desde")),
                        ("last_day", models.DateField(blank=True, null=True, verbose_name="acumula até")),
                        ("valid_from", models.DateTimeField(verbose_name="vale a partir de")),
                        (
                            "created_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="quando"
                            ),
                        ),
                        ("cancelled_at", models.DateTimeField(null=True, verbose_name="cancelada em")),
                        (
                            "cancelled_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="cancelada por",
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rule_versions",
                                to="connections.connection",
                                verbose_name="conexão",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="quem",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "versão da regra",
                        "verbose_name_plural": "versões da regra",
                        "ordering": ["-valid_from", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("cancelled_at", None)),
                                fields=("connection", "valid_from"),
                                name="rule_version_one_at_a_time",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Simulation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "cashback_percent",
                            models.DecimalField(
                                decimal_places=3,
                                default=0,
                                max_digits=6,
                                verbose_name="percentual de cashback",
                            ),
                        ),
                        (
                            "points_per_brl",
                            models.DecimalField(
                                decimal_places=4, default=0, max_digits=10, verbose_name="pontos por real"
                            ),
                        ),
                        (
                            "minimum_to_earn",
                            models.DecimalField(
                                decimal_places=2,
                                default=0,
                                max_digits=14,
                                verbose_name="valor mínimo para acumular",
                            ),
                        ),
                        (
                            "voucher_threshold",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="saldo que gera voucher",
                            ),
                        ),
                        (
                            "voucher_validity_days",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="validade do voucher (dias)"
                            ),
                        ),
                        (
                            "voucher_minimum_purchase",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="valor mínimo de compra do voucher",
                            ),
                        ),
                        (
                            "excluded_stores",
                            models.JSONField(blank=True, default=list, verbose_name="lojas que não acumulam"),
                        ),
                        (
                            "excluded_methods",
                            models.JSONField(
                                blank=True, default=list, verbose_name="formas de pagamento que não acumulam"
                            ),
                        ),
                        ("first_day", models.DateField(blank=True, null=True, verbose_name="acumula desde")),
                        ("last_day", models.DateField(blank=True, null=True, verbose_name="acumula até")),
                        ("since", models.DateField(verbose_name="vendas desde")),
                        ("until", models.DateField(verbose_name="vendas até")),
                        ("with_files", models.BooleanField(default=True, verbose_name="incluir arquivos")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="quando")),
                        (
                            "state",
                            models.CharField(
                                choices=[("running", "Calculando"), ("done", "Concluída")],
                                default="running",
                                max_length=8,
                                verbose_name="situação",
                            ),
                        ),
                        ("expected_sales", models.PositiveIntegerField(default=0)),
                        ("position", models.PositiveIntegerField(default=0)),
                        ("cursor", models.JSONField(default=dict)),
                        ("result", models.JSONField(default=dict)),
                        ("heartbeat_at", models.DateTimeField(null=True)),
                        (
                            "base",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="rules.ruleversion",
                            ),
                        ),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="connections.connection",
                                verbose_name="conexão",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="quem",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "simulação",
                        "verbose_name_plural": "simulações",
                        "ordering": ["-created_at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "running")),
                                fields=["heartbeat_at"],
                                name="simulation_running",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Campaign",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="nome")),
                        ("first_day", models.DateField(verbose_name="primeiro dia")),
                        ("last_day", models.DateField(verbose_name="último dia")),
                        (
                            "weekdays",
                            models.JSONField(blank=True, default=list, verbose_name="dias da semana"),
                        ),
                        ("from_time", models.TimeField(blank=True, null=True, verbose_name="das")),
                        ("until_time", models.TimeField(blank=True, null=True, verbose_name="às")),
                        ("stores", models.JSONField(blank=True, default=list, verbose_name="lojas")),
                        ("machines", models.JSONField(blank=True, default=list, verbose_name="maquininhas")),
                        ("category", models.CharField(blank=True, max_length=60, verbose_name="categoria")),
                        (
                            "cashback_multiplier",
                            models.DecimalField(
                                decimal_places=2,
                                default=1,
                                max_digits=5,
                                verbose_name="multiplicador do cashback",
                            ),
                        ),
                        (
                            "points_multiplier",
                            models.DecimalField(
                                decimal_places=2,
                                default=1,
                                max_digits=5,
                                verbose_name="multiplicador dos pontos",
                            ),
                        ),
                        (
                            "stacks",
                            models.BooleanField(
                                default=False, verbose_name="multiplica-se com outras campanhas"
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="criada em")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="encerrada em")),
                        (
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="campaigns",
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
                                verbose_name="criada por",
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="encerrada por",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "campanha",
                        "verbose_name_plural": "campanhas",
                        "ordering": ["-first_day", "-pk"],
                        "indexes": [
                            models.Index(
                                fields=["connection", "first_day", "last_day"], name="campaign_days_of"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("last_day__gte", models.F("first_day"))),
                                name="campaign_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cashback_multiplier__gte", 1), ("points_multiplier__gte", 1)
                                ),
                                name="campaign_gives_more",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunPython(_take_over, migrations.RunPython.noop),
    ]
