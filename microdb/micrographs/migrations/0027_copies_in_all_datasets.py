"""Indexes by which copies of a micrograph are found in all datasets, by their bytes and by their pixels."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("micrographs", "0025_uploads")]
    operations = [
        migrations.AddIndex("micrograph", models.Index(fields=["sha256"], name="micrograph_same_bytes")),
        migrations.AddIndex(
            "micrograph", models.Index(fields=["pixel_sha256", "dataset"], name="micrograph_same_pixels")
        ),
        migrations.RemoveIndex("micrograph", "micrograph_by_pixels"),
    ]
