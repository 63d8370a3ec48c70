from django.db import migrations, models

from smartbis_admin.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [("dashboard", "0001_initial"), ("dashboard", "0002_snapshot")]

    initial = True

    dependencies = []

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Figure",
                    fields=[
                        ("topic", models.CharField(max_length=20, primary_key=True, serialize=False)),
                        ("data", models.JSONField(default=dict)),
                        ("computed_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Snapshot",
                    fields=[
                        ("day", models.DateField(primary_key=True, serialize=False)),
                        ("data", models.JSONField(default=dict)),
                    ],
                ),
            ]
        ),
    ]
