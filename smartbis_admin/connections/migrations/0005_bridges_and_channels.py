from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0004_absent_lists"),
    ]

    operations = [
        migrations.AlterField(
            model_name="connection",
            name="provider",
            field=models.CharField(
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
    ]
