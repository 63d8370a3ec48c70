"""The rule and its versions live in an app of their own, which took over what stood here; sales tell what its
conditions ask for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_consent_by_the_customer"), ("rules", "0002_take_over")]

    operations = [
        migrations.AddField(
            model_name="sale",
            name="machine",
            field=models.CharField(blank=True, max_length=100, verbose_name="maquininha"),
        ),
        migrations.AddField(
            model_name="sale",
            name="payment_method",
            field=models.CharField(blank=True, max_length=10, verbose_name="forma de pagamento"),
        ),
        migrations.AddField(
            model_name="sale",
            name="category",
            field=models.CharField(blank=True, max_length=60, verbose_name="categoria"),
        ),
        migrations.DeleteModel(name="ProgrammeRule"),
        migrations.DeleteModel(name="RuleChange"),
    ]
