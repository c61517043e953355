from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0003_keys_in_accounts")]

    operations = [
        migrations.AddField(
            "outoffold",
            "label",
            models.CharField(default="", help_text="That the version was trained with.", max_length=60),
            preserve_default=False,
        ),
        migrations.AddField(
            "outoffold",
            "predicted",
            models.CharField(default="", help_text="The most probable outcome.", max_length=60),
            preserve_default=False,
        ),
        migrations.AddField(
            "outoffold",
            "probability",
            models.FloatField(default=0.0, help_text="Of the prediction."),
            preserve_default=False,
        ),
        migrations.AddIndex(
            "outoffold", models.Index(fields=["model_version", "-probability", "id"], name="out_of_fold_certain")
        ),
        migrations.AddIndex(
            "outoffold", models.Index(fields=["model_version", "label", "predicted"], name="out_of_fold_cell")
        ),
    ]
