from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vouchers", "0004_contingency"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="voucher", name="voucher_reward"),
        migrations.AddIndex(
            model_name="voucher",
            index=models.Index(fields=["connection", "reward_remote_id", "issued_at"], name="voucher_reward"),
        ),
        migrations.AddIndex(
            model_name="voucher",
            index=models.Index(fields=["status", "issued_at", "id"], name="voucher_status"),
        ),
        migrations.AddIndex(
            model_name="voucher",
            index=models.Index(fields=["expires_at", "id"], name="voucher_expiry"),
        ),
        migrations.AddIndex(
            model_name="redemption",
            index=models.Index(
                condition=models.Q(("state", "valid")), fields=["happened_at", "id"], name="redemption_valid"
            ),
        ),
    ]
