import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from smartbis_admin.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("vouchers", "0001_initial"),
        ("vouchers", "0002_shifts_and_flags"),
        ("vouchers", "0003_scans_in_order"),
        ("vouchers", "0004_contingency"),
        ("vouchers", "0005_lists"),
        ("vouchers", "0006_elsewhere"),
    ]

    initial = True

    dependencies = [
        ("connections", "0001_initial"),
        ("customers", "0002_initial"),
        ("rewards", "0002_initial"),
        ("staff", "0003_contingency_policies"),
        ("writes", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Voucher",
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
                        ("code_key", models.CharField(editable=False, max_length=128)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("issued", "Emitido"),
                                    ("used", "Usado"),
                                    ("expired", "Vencido"),
                                    ("cancelled", "Cancelado"),
                                    ("unknown", "Não reconhecido"),
                                ],
                                default="unknown",
                                max_length=12,
                                verbose_name="situação",
                            ),
                        ),
                        ("status_word", models.CharField(blank=True, max_length=40)),
                        ("customer_remote_id", models.CharField(max_length=128, null=True)),
                        ("reward_remote_id", models.CharField(max_length=128, null=True)),
                        (
                            "reward_name",
                            models.CharField(max_length=200, null=True, verbose_name="recompensa"),
                        ),
                        (
                            "origin",
                            models.CharField(
                                choices=[
                                    ("balance", "Saldo"),
                                    ("points", "Pontos"),
                                    ("cashback", "Cashback"),
                                    ("plan", "Plano"),
                                    ("manual", "Manual"),
                                    ("unknown", "Não reconhecida"),
                                ],
                                default="unknown",
                                max_length=12,
                                verbose_name="origem",
                            ),
                        ),
                        (
                            "value",
                            models.DecimalField(
                                decimal_places=2, max_digits=14, null=True, verbose_name="valor"
                            ),
                        ),
                        (
                            "minimum_purchase",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="valor mínimo de compra",
                            ),
                        ),
                        ("issued_at", models.DateTimeField(null=True, verbose_name="emitido em")),
                        ("starts_at", models.DateTimeField(null=True, verbose_name="vale a partir de")),
                        ("expires_at", models.DateTimeField(null=True, verbose_name="vence em")),
                        ("used_at", models.DateTimeField(null=True, verbose_name="usado em")),
                        (
                            "store_name",
                            models.CharField(max_length=120, null=True, verbose_name="loja do uso"),
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
                        (
                            "customer",
                            models.ForeignObject(
                                editable=False,
                                from_fields=["connection", "customer_remote_id"],
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="vouchers",
                                to="customers.customer",
                                to_fields=["connection", "remote_id"],
                            ),
                        ),
                        (
                            "reward",
                            models.ForeignObject(
                                editable=False,
                                from_fields=["connection", "reward_remote_id"],
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="vouchers",
                                to="rewards.reward",
                                to_fields=["connection", "remote_id"],
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "voucher",
                        "verbose_name_plural": "vouchers",
                        "ordering": ["-issued_at", "-pk"],
                        "indexes": [
                            models.Index(
                                models.OrderBy(models.F("issued_at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="voucher_newest",
                            ),
                            models.Index(fields=["code_key"], name="voucher_code_key"),
                            models.Index(
                                fields=["connection", "customer_remote_id"], name="voucher_customer"
                            ),
                            models.Index(
                                condition=models.Q(("status", "issued")),
                                fields=["expires_at", "id"],
                                name="voucher_expiring",
                            ),
                            models.Index(fields=["used_at", "id"], name="voucher_used"),
                            models.Index(
                                fields=["connection", "reward_remote_id", "issued_at"], name="voucher_reward"
                            ),
                            models.Index(fields=["status", "issued_at", "id"], name="voucher_status"),
                            models.Index(fields=["expires_at", "id"], name="voucher_expiry"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("connection", "remote_id"), name="voucher_remote_unique"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Redemption",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("code", models.CharField(max_length=128, verbose_name="código")),
                        ("code_sent", models.CharField(blank=True, max_length=128)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "Confirmando"),
                                    ("valid", "Válido"),
                                    ("used", "Já usado"),
                                    ("refused", "Recusado"),
                                    ("in_doubt", "A confirmar – não repita"),
                                    ("not_done", "Não realizado"),
                                    ("contingency", "Aceito em contingência"),
                                    ("elsewhere", "De outro programa"),
                                ],
                                default="pending",
                                max_length=12,
                                verbose_name="resultado",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=60, verbose_name="motivo")),
                        ("message", models.TextField(blank=True)),
                        ("refine_after", models.DateTimeField(db_index=True, null=True)),
                        ("used_at", models.DateTimeField(null=True)),
                        ("happened_at", models.DateTimeField(verbose_name="quando")),
                        ("received_at", models.DateTimeField(auto_now_add=True)),
                        ("decided_at", models.DateTimeField(null=True)),
                        (
                            "cashier",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="caixa",
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
                        (
                            "winner",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="losers",
                                to="vouchers.redemption",
                                verbose_name="quem usou",
                            ),
                        ),
                        (
                            "write",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="redemption",
                                to="writes.write",
                                verbose_name="envio",
                            ),
                        ),
                        (
                            "voucher",
                            models.ForeignObject(
                                editable=False,
                                from_fields=["connection", "code_sent"],
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="redemptions",
                                to="vouchers.voucher",
                                to_fields=["connection", "remote_id"],
                            ),
                        ),
                        (
                            "shift",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="scans",
                                to="staff.shift",
                                verbose_name="turno",
                            ),
                        ),
                        (
                            "road",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("platform", "Sem conexão com a plataforma"),
                                    ("till", "Caixa sem conexão"),
                                ],
                                max_length=8,
                                verbose_name="contingência",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "leitura",
                        "verbose_name_plural": "leituras",
                        "ordering": ["-received_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["till", "-received_at"], name="redemption_till"),
                            models.Index(fields=["connection", "code_sent"], name="redemption_code"),
                            models.Index(fields=["-received_at", "-id"], name="redemption_newest"),
                            models.Index(
                                condition=models.Q(("state__in", ["pending", "in_doubt", "contingency"])),
                                fields=["till"],
                                name="redemption_undecided",
                            ),
                            models.Index(
                                condition=models.Q(("state", "valid")),
                                fields=["happened_at", "id"],
                                name="redemption_valid",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state__in", ["pending", "valid", "in_doubt", "contingency"])
                                ),
                                fields=("connection", "code"),
                                name="one_redemption_per_voucher",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VoucherFlag",
                    fields=[
                        (
                            "voucher",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="flag",
                                serialize=False,
                                to="vouchers.voucher",
                            ),
                        ),
                        ("note", models.CharField(max_length=200, verbose_name="o que conferir")),
                        ("flagged_at", models.DateTimeField(auto_now_add=True, verbose_name="marcado em")),
                        (
                            "flagged_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="marcado por",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "voucher marcado",
                        "verbose_name_plural": "vouchers marcados",
                    },
                ),
            ]
        ),
    ]
