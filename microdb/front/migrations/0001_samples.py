import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Which datasets are samples, so that a worker goes on drawing them."""

    initial = True

    dependencies = [
        ("micrographs", "0028_public_datasets"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sample",
            fields=[
                (
                    "dataset",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="sample",
                        serialize=False,
                        to="micrographs.dataset",
                    ),
                ),
            ],
        ),
    ]
