from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0008_reports")]

    operations = [
        migrations.AlterField(
            model_name="noneofthesetest",
            name="kind",
            field=models.CharField(
                choices=[
                    ("left_out", "its class was left out of the training"),
                    ("labelled", "labelled None of these"),
                    ("degraded", "a degraded copy of a held-out micrograph"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="noneofthesetest",
            name="margin",
            field=models.FloatField(help_text="The evidence above its limit; above 0 it is called None of these."),
        ),
    ]
