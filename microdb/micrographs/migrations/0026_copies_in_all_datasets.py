"""The index by which copies of a micrograph are found in all datasets by their pixels; 0024 has that of their bytes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("micrographs", "0025_uploads")]
    operations = [
        migrations.AddIndex(
            "micrograph", models.Index(fields=["pixel_sha256", "dataset"], name="micrograph_same_pixels")
        ),
        migrations.RemoveIndex("micrograph", "micrograph_by_pixels"),
    ]
