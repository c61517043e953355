"""Indexes that alone find a late page of a million micrographs, under the common filters and in each order."""

import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("micrographs", "0021_invitations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "datasetversion",
            "size",
            models.PositiveIntegerField(default=0, editable=False, help_text="Micrographs in it."),
        ),
        migrations.RemoveIndex(
            model_name="micrograph",
            name="micrograph_gallery",
        ),
        migrations.RemoveIndex(
            model_name="micrograph",
            name="micrograph_by_class",
        ),
        migrations.RemoveIndex(
            model_name="micrograph",
            name="micrograph_by_specimen",
        ),
        migrations.RemoveIndex(
            model_name="micrograph",
            name="micrograph_in_scale_order",
        ),
        migrations.RemoveIndex(
            model_name="micrograph",
            name="micrograph_by_scale",
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                condition=models.Q(
                    ("scored_only", False), ("trashed_at", None), ("pixels_per_micrometre__isnull", False)
                ),
                fields=["dataset", "pixels_per_micrometre"],
                name="micrograph_of_scale",
            ),
        ),
        migrations.AddIndex(
            model_name="acquisition",
            index=models.Index(fields=["instrument", "micrograph"], name="acquisition_by_instrument"),
        ),
        migrations.AddIndex(
            model_name="acquisition",
            index=models.Index(fields=["date", "micrograph"], name="acquisition_by_date"),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                condition=models.Q(("scored_only", False), ("trashed_at", None)),
                fields=["dataset", "created_at", "id"],
                include=(
                    "material_class",
                    "none_of_these",
                    "unsure",
                    "split",
                    "modality",
                    "state",
                    "pixels_per_micrometre",
                    "scale_source",
                    "specimen",
                    "uploaded_by",
                ),
                name="micrograph_kept",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                condition=models.Q(("scored_only", False), ("trashed_at", None)),
                fields=["dataset", "material_class", "created_at", "id"],
                name="micrograph_of_class",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                condition=models.Q(("scored_only", False), ("trashed_at", None)),
                fields=["dataset", "filename", "id"],
                name="micrograph_in_name_order",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                condition=models.Q(("scored_only", False), ("trashed_at", None)),
                fields=["dataset", "specimen", "filename", "id"],
                include=("split",),
                name="micrograph_of_specimen",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                models.F("dataset"),
                django.db.models.functions.comparison.Coalesce("pixels_per_micrometre", -1.0),
                models.F("created_at"),
                models.F("id"),
                models.F("pixels_per_micrometre"),
                condition=models.Q(("scored_only", False), ("trashed_at", None)),
                name="micrograph_in_order_of_scale",
            ),
        ),
    ]
