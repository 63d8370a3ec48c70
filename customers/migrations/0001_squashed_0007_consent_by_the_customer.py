import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from smartbis_admin.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("customers", "0001_initial"),
        ("customers", "0002_initial"),
        ("customers", "0003_search"),
        ("customers", "0004_care"),
        ("customers", "0005_standing"),
        ("customers", "0006_consent_by_channel"),
        ("customers", "0007_consent_by_the_customer"),
    ]

    initial = True

    dependencies = [
        ("connections", "0003_more_platforms"),
        ("staff", "0001_initial"),
        ("writes", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Customer",
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
                        ("name_search", models.CharField(editable=False, max_length=200)),
                        ("cpf", models.CharField(max_length=11, null=True, verbose_name="CPF")),
                        ("phone", models.CharField(max_length=20, null=True, verbose_name="telefone")),
                        ("email", models.CharField(max_length=254, null=True, verbose_name="e-mail")),
                        ("birth_date", models.DateField(null=True, verbose_name="data de nascimento")),
                        (
                            "points_balance",
                            models.DecimalField(
                                decimal_places=4, max_digits=18, null=True, verbose_name="saldo de pontos"
                            ),
                        ),
                        (
                            "cashback_balance",
                            models.DecimalField(
                                decimal_places=2, max_digits=14, null=True, verbose_name="saldo de cashback"
                            ),
                        ),
                        ("remote_created_at", models.DateTimeField(null=True, verbose_name="cliente desde")),
                        (
                            "remote_updated_at",
                            models.DateTimeField(null=True, verbose_name="atualizado na plataforma"),
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
                        ("standing_packed", models.TextField(blank=True, default="", editable=False)),
                        (
                            "state",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("member", "Participa"),
                                    ("candidate", "Ainda não participa"),
                                    ("disabled", "Bloqueado"),
                                    ("unknown", "Desconhecida"),
                                ],
                                default="",
                                max_length=20,
                                verbose_name="situação",
                            ),
                        ),
                        ("state_word", models.CharField(blank=True, default="", max_length=80)),
                        ("tier_remote_id", models.CharField(max_length=128, null=True)),
                    ],
                    options={
                        "verbose_name": "cliente",
                        "verbose_name_plural": "clientes",
                        "ordering": ["name_search", "pk"],
                        "indexes": [
                            models.Index(fields=["cpf"], name="customer_cpf"),
                            models.Index(fields=["phone"], name="customer_phone"),
                            models.Index(
                                models.OrderBy(models.F("remote_created_at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="customer_newest",
                            ),
                            models.Index(fields=["points_balance", "id"], name="customer_points"),
                            models.Index(fields=["cashback_balance", "id"], name="customer_cashback"),
                            models.Index(fields=["name_search", "id", "withdrawn_at"], name="customer_name"),
                            models.Index(
                                django.db.models.functions.text.Lower("email"), name="customer_email_ci"
                            ),
                            models.Index(
                                condition=models.Q(("withdrawn_at__isnull", False)),
                                fields=["name_search", "id"],
                                name="customer_withdrawn",
                            ),
                            models.Index(fields=["birth_date"], name="customer_birth_date"),
                            models.Index(
                                condition=models.Q(("tier_remote_id__isnull", False)),
                                fields=["connection", "tier_remote_id", "name_search", "id"],
                                name="customer_tier",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("connection", "remote_id"), name="customer_remote_unique"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProgrammeRule",
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
                            "connection",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rule",
                                to="connections.connection",
                                verbose_name="conexão",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "regra do programa",
                        "verbose_name_plural": "regras do programa",
                    },
                ),
                migrations.CreateModel(
                    name="Sale",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("customer_remote_id", models.CharField(max_length=128)),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2, max_digits=14, verbose_name="valor da venda"
                            ),
                        ),
                        (
                            "cashback_estimate",
                            models.DecimalField(decimal_places=2, max_digits=14, null=True),
                        ),
                        ("points_estimate", models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                        ("sold_at", models.DateTimeField(db_index=True, verbose_name="quando")),
                        (
                            "remote_id",
                            models.CharField(blank=True, max_length=128, verbose_name="id na plataforma"),
                        ),
                        (
                            "cashback_amount",
                            models.DecimalField(
                                decimal_places=2, max_digits=14, null=True, verbose_name="cashback"
                            ),
                        ),
                        (
                            "points_earned",
                            models.DecimalField(
                                decimal_places=4, max_digits=18, null=True, verbose_name="pontos"
                            ),
                        ),
                        ("voucher_codes", models.JSONField(default=list, verbose_name="vouchers emitidos")),
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
                                related_name="sales",
                                to="customers.customer",
                                to_fields=["connection", "remote_id"],
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="registrada por",
                            ),
                        ),
                        (
                            "store",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="staff.store",
                                verbose_name="loja",
                            ),
                        ),
                        (
                            "till",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="staff.till",
                                verbose_name="ponto de caixa",
                            ),
                        ),
                        (
                            "write",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sale",
                                to="writes.write",
                                verbose_name="envio",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "venda",
                        "verbose_name_plural": "vendas",
                        "ordering": ["-sold_at", "-pk"],
                        "indexes": [
                            models.Index(
                                fields=["connection", "customer_remote_id", "-sold_at"], name="sale_customer"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="sale_amount_positive"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Consent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("whatsapp", "WhatsApp"),
                                    ("email", "E-mail"),
                                    ("sms", "SMS"),
                                    ("phone", "Telefone"),
                                ],
                                max_length=10,
                                verbose_name="canal",
                            ),
                        ),
                        ("is_given", models.BooleanField(verbose_name="consentimento dado")),
                        ("said_on", models.DateField(verbose_name="data")),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("store", "Na loja"),
                                    ("paper", "Formulário em papel"),
                                    ("site", "No site"),
                                    ("message", "Por mensagem"),
                                    ("call", "Por telefone"),
                                    ("other", "Outra"),
                                ],
                                max_length=10,
                                verbose_name="origem",
                            ),
                        ),
                        ("proof", models.CharField(blank=True, max_length=500, verbose_name="prova")),
                        (
                            "recorded_at",
                            models.DateTimeField(auto_now_add=True, verbose_name="registrado em"),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="consents",
                                to="customers.customer",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="registrado por",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "consentimento",
                        "verbose_name_plural": "consentimentos",
                        "ordering": ["-said_on", "-pk"],
                        "indexes": [
                            models.Index(
                                fields=["customer", "channel", "-said_on", "-id"], name="consent_latest"
                            ),
                            models.Index(fields=["channel", "is_given"], name="consent_by_channel"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Note",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.TextField(max_length=2000, verbose_name="nota")),
                        ("created_at", models.DateTimeField(verbose_name="quando")),
                        ("edited_at", models.DateTimeField(null=True, verbose_name="alterada em")),
                        ("deleted_at", models.DateTimeField(null=True)),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="quem",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notes",
                                to="customers.customer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "nota",
                        "verbose_name_plural": "notas",
                        "ordering": ["-created_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["customer", "-created_at", "-id"], name="note_of_customer"),
                            models.Index(
                                condition=models.Q(("deleted_at__isnull", False)),
                                fields=["deleted_at"],
                                name="note_deleted",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NotSamePerson",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "first",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="customers.customer",
                            ),
                        ),
                        (
                            "second",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="customers.customer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "não é a mesma pessoa",
                        "verbose_name_plural": "não são a mesma pessoa",
                        "constraints": [
                            models.UniqueConstraint(fields=("first", "second"), name="pair_once"),
                            models.CheckConstraint(
                                condition=models.Q(("first__lt", models.F("second"))), name="pair_in_order"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RuleChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True, verbose_name="quando")),
                        ("values", models.JSONField(default=dict, verbose_name="regra")),
                        (
                            "by",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rule_changes",
                                to="connections.connection",
                                verbose_name="conexão",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "versão da regra",
                        "verbose_name_plural": "versões da regra",
                        "ordering": ["-at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Tag",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=30, verbose_name="nome")),
                        (
                            "color",
                            models.CharField(
                                choices=[
                                    ("gray", "Cinza"),
                                    ("blue", "Azul"),
                                    ("green", "Verde"),
                                    ("amber", "Amarelo"),
                                    ("red", "Vermelho"),
                                    ("violet", "Roxo"),
                                ],
                                default="gray",
                                max_length=6,
                                verbose_name="cor",
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="criada em")),
                        ("archived_at", models.DateTimeField(null=True, verbose_name="arquivada em")),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="criada por",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "etiqueta",
                        "verbose_name_plural": "etiquetas",
                        "ordering": ["name", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("name"), name="tag_name_unique_ci"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Tagging",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("added_at", models.DateTimeField()),
                        ("removed_at", models.DateTimeField(null=True)),
                        (
                            "added_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="taggings",
                                to="customers.customer",
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "tag",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="taggings",
                                to="customers.tag",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "uso de etiqueta",
                        "verbose_name_plural": "usos de etiquetas",
                        "ordering": ["added_at", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("removed_at", None)),
                                fields=("tag", "customer"),
                                name="one_tagging_at_a_time",
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
