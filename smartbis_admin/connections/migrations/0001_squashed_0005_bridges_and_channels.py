import django.db.models.deletion
from django.db import migrations, models

import smartbis_admin.connections.fields
from smartbis_admin.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("connections", "0001_initial"),
        ("connections", "0002_programme_and_colour"),
        ("connections", "0003_more_platforms"),
        ("connections", "0004_absent_lists"),
        ("connections", "0005_bridges_and_channels"),
    ]

    initial = True

    dependencies = []

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Connection",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "provider",
                            models.CharField(
                                choices=[
                                    ("smartbis", "Smartbis"),
                                    ("smile", "Smile.io"),
                                    ("smartpasses", "Smart Passes"),
                                    ("smartpos", "SmartPOS"),
                                    ("whatsapp", "WhatsApp"),
                                ],
                                default="smartbis",
                                max_length=20,
                                verbose_name="plataforma",
                            ),
                        ),
                        ("name", models.CharField(max_length=60, unique=True, verbose_name="nome")),
                        ("base_url", models.URLField(verbose_name="endereço da API")),
                        ("credentials", smartbis_admin.connections.fields.EncryptedJSONField(null=True)),
                        (
                            "time_zone",
                            models.CharField(
                                default="America/Sao_Paulo",
                                help_text="Vale para as datas que a plataforma envia sem fuso.",
                                max_length=40,
                                verbose_name="fuso horário da conta",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="ativa")),
                        (
                            "settle_sales_alone",
                            models.BooleanField(
                                default=False,
                                verbose_name="resolver vendas sozinho quando a evidência é forte",
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "last_ok_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="última resposta"),
                        ),
                        (
                            "last_error_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="última falha"),
                        ),
                        ("last_error", models.CharField(blank=True, editable=False, max_length=40)),
                        ("last_error_cause", models.CharField(blank=True, editable=False, max_length=40)),
                        (
                            "blocked_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="parada em"),
                        ),
                        (
                            "colour",
                            models.CharField(
                                choices=[
                                    ("blue", "azul"),
                                    ("purple", "roxo"),
                                    ("green", "verde"),
                                    ("orange", "laranja"),
                                    ("pink", "rosa"),
                                    ("teal", "turquesa"),
                                ],
                                default="blue",
                                help_text="Distingue os programas nas listas e na página do cliente.",
                                max_length=10,
                                verbose_name="cor",
                            ),
                        ),
                        (
                            "programme",
                            models.CharField(
                                blank=True,
                                help_text="Como os clientes chamam o programa. Vazio: o nome da integração.",
                                max_length=60,
                                verbose_name="programa",
                            ),
                        ),
                        ("absent_lists", models.JSONField(default=list, editable=False)),
                    ],
                    options={
                        "verbose_name": "conexão",
                        "verbose_name_plural": "conexões",
                        "ordering": ["name", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="WireState",
                    fields=[
                        (
                            "connection",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="wire",
                                serialize=False,
                                to="connections.connection",
                            ),
                        ),
                        ("token", smartbis_admin.connections.fields.EncryptedJSONField(null=True)),
                        ("token_expires_at", models.DateTimeField(null=True)),
                        ("renewing_until", models.DateTimeField(null=True)),
                        ("next_call_at", models.FloatField(db_default=0, default=0)),
                    ],
                ),
            ]
        ),
    ]
