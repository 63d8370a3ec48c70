import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import smartbis_admin.staff.models
from smartbis_admin.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("staff", "0001_initial"),
        ("staff", "0002_shifts_and_rules"),
        ("staff", "0003_contingency_policies"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Store",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=80, unique=True, verbose_name="nome")),
                        (
                            "time_zone",
                            models.CharField(
                                default="America/Sao_Paulo", max_length=40, verbose_name="fuso horário"
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="ativa")),
                        (
                            "contingency",
                            models.CharField(
                                choices=[("refuse", "Recusar"), ("accept", "Aceitar dentro dos limites")],
                                default="refuse",
                                max_length=8,
                                verbose_name="sem conexão com a plataforma",
                            ),
                        ),
                        (
                            "contingency_max_per_hour",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="máximo de vouchers por hora"
                            ),
                        ),
                        (
                            "contingency_max_value",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                verbose_name="valor máximo por voucher (R$)",
                            ),
                        ),
                        (
                            "contingency_needs_pin",
                            models.BooleanField(default=True, verbose_name="exigir o PIN de um gestor"),
                        ),
                        (
                            "lock_after_minutes",
                            models.PositiveSmallIntegerField(
                                default=10,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="bloquear o caixa parado depois de (minutos)",
                            ),
                        ),
                        (
                            "look_above",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                verbose_name="mostrar antes de validar acima de (R$)",
                            ),
                        ),
                        (
                            "reversal_hours",
                            models.PositiveSmallIntegerField(
                                default=24, verbose_name="prazo para pedir estorno (horas)"
                            ),
                        ),
                        (
                            "contingency_release_hours",
                            models.PositiveSmallIntegerField(
                                default=4,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="a liberação do gestor vale por (horas)",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "loja",
                        "verbose_name_plural": "lojas",
                        "ordering": ["name", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "last_login",
                            models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                        ),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "first_name",
                            models.CharField(blank=True, max_length=150, verbose_name="first name"),
                        ),
                        ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=False,
                                help_text="Designates whether the user can log into this admin site.",
                                verbose_name="staff status",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                                verbose_name="active",
                            ),
                        ),
                        (
                            "date_joined",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="date joined"
                            ),
                        ),
                        ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail")),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                        (
                            "stores",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Onde a pessoa trabalha. Vazio: todas.",
                                to="staff.store",
                                verbose_name="lojas",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "usuário",
                        "verbose_name_plural": "usuários",
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("email"), name="user_email_unique_ci"
                            )
                        ],
                    },
                    managers=[
                        ("objects", smartbis_admin.staff.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name="AuditEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True, db_index=True, verbose_name="quando")),
                        ("action", models.CharField(max_length=60, verbose_name="ação")),
                        ("subject", models.CharField(blank=True, max_length=120, verbose_name="objeto")),
                        ("details", models.JSONField(blank=True, default=dict, verbose_name="detalhes")),
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
                    ],
                    options={
                        "verbose_name": "evento de auditoria",
                        "verbose_name_plural": "trilha de auditoria",
                        "ordering": ["-at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Till",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=40, verbose_name="nome")),
                        ("is_active", models.BooleanField(default=True, verbose_name="ativo")),
                        (
                            "store",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tills",
                                to="staff.store",
                                verbose_name="loja",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "ponto de caixa",
                        "verbose_name_plural": "pontos de caixa",
                        "ordering": ["store__name", "name", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("store", "name"), name="till_unique_in_store")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Pin",
                    fields=[
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="pin",
                                serialize=False,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("hash", models.CharField(max_length=128)),
                        ("failures", models.PositiveSmallIntegerField(default=0)),
                        ("locked_until", models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Shift",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("opened_at", models.DateTimeField(verbose_name="aberto em")),
                        ("seen_at", models.DateTimeField(verbose_name="última atividade")),
                        (
                            "closed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="encerrado em"),
                        ),
                        (
                            "cashier",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shifts",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="caixa",
                            ),
                        ),
                        (
                            "closed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="encerrado por",
                            ),
                        ),
                        (
                            "till",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shifts",
                                to="staff.till",
                                verbose_name="ponto de caixa",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "turno",
                        "verbose_name_plural": "turnos",
                        "ordering": ["-opened_at", "-pk"],
                        "indexes": [models.Index(fields=["-opened_at", "-id"], name="shift_newest")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("closed_at", None)),
                                fields=("till",),
                                name="one_open_shift_per_till",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PastPolicy",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("until", models.DateTimeField()),
                        (
                            "mode",
                            models.CharField(
                                choices=[("refuse", "Recusar"), ("accept", "Aceitar dentro dos limites")],
                                max_length=8,
                            ),
                        ),
                        ("max_value", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                        ("max_per_hour", models.PositiveSmallIntegerField()),
                        ("needs_pin", models.BooleanField()),
                        (
                            "store",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="past_policies",
                                to="staff.store",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["store", "until", "pk"],
                        "indexes": [models.Index(fields=["store", "until"], name="past_policy_until")],
                    },
                ),
            ]
        ),
    ]
