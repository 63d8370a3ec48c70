import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("wallet", "0001_initial"), ("wallet", "0002_card_number")]

    initial = True

    dependencies = [
        ("connections", "0004_absent_lists"),
        ("customers", "0006_consent_by_channel"),
    ]

    operations = [
        migrations.CreateModel(
            name="Card",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("customer_remote_id", models.CharField(max_length=128)),
                ("url", models.TextField(verbose_name="endereço do cartão")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="connections.connection",
                    ),
                ),
                (
                    "customer",
                    models.ForeignObject(
                        editable=False,
                        from_fields=["connection", "customer_remote_id"],
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="cards",
                        to="customers.customer",
                        to_fields=["connection", "remote_id"],
                    ),
                ),
                (
                    "serial_key",
                    models.CharField(blank=True, default="", max_length=128, verbose_name="número do cartão"),
                ),
            ],
            options={
                "verbose_name": "cartão",
                "verbose_name_plural": "cartões",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection", "customer_remote_id"), name="card_of_customer"
                    )
                ],
                "indexes": [models.Index(fields=["serial_key"], name="card_serial_key")],
            },
        ),
    ]
