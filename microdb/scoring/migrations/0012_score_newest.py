from django.db import migrations, models


class Migration(migrations.Migration):
    """Lists of the newest scores, of a dataset or of all, read no others."""

    dependencies = [
        ("scoring", "0011_announced_batches"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="score",
            index=models.Index(fields=["-created_at"], name="score_newest"),
        ),
    ]
