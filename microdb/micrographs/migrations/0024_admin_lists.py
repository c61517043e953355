"""Indexes for the admin's lists and for quizzes; see decision 085.

The extension `pg_trgm` comes with Postgres, and the owner of the database may create it.
"""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("micrographs", "0023_sizes_of_versions"),
    ]

    operations = [
        TrigramExtension(),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                models.OrderBy(models.F("at"), nulls_first=True), models.OrderBy(models.F("id")), name="change_latest"
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(fields=["field"], name="change_of_field"),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(fields=["scale_source"], name="change_of_source"),
        ),
        migrations.AddIndex(
            model_name="datasetversionentry",
            index=models.Index(fields=["version", "specimen", "split", "label"], name="version_entry_of_specimen"),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                condition=models.Q(("scored_only", False), ("state", "ready"), ("trashed_at", None)),
                fields=["dataset", "split", "material_class", "none_of_these", "id"],
                name="micrograph_by_label",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                models.OrderBy(models.F("created_at"), nulls_first=True),
                models.OrderBy(models.F("id")),
                name="micrograph_in_order",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                models.OrderBy(models.F("filename"), nulls_first=True),
                models.OrderBy(models.F("id")),
                name="micrograph_by_filename",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                models.OrderBy(models.F("specimen"), nulls_first=True),
                models.OrderBy(models.F("id")),
                name="micrograph_in_specimen_order",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                models.OrderBy(models.F("pixels_per_micrometre"), nulls_first=True),
                models.OrderBy(models.F("id")),
                name="micrograph_of_any_scale",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(models.F("sha256"), name="varchar_pattern_ops"),
                name="micrograph_by_sha256",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("filename"), name="gin_trgm_ops"
                ),
                name="micrograph_filename_text",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("specimen"), name="gin_trgm_ops"
                ),
                name="micrograph_specimen_text",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(fields=["split"], name="micrograph_of_split"),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(fields=["scale_source"], name="micrograph_of_source"),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                models.OrderBy(models.F("state"), nulls_first=True),
                models.OrderBy(models.F("created_at"), nulls_first=True),
                models.OrderBy(models.F("id")),
                condition=models.Q(("state", "ready"), _negated=True),
                name="micrograph_not_ready",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                models.OrderBy(models.F("flaw"), nulls_first=True),
                models.OrderBy(models.F("created_at"), nulls_first=True),
                models.OrderBy(models.F("id")),
                condition=models.Q(("flaw", ""), _negated=True),
                name="micrograph_flawed",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                models.OrderBy(models.F("created_at"), nulls_first=True),
                models.OrderBy(models.F("id")),
                condition=models.Q(("trashed_at__isnull", False)),
                name="micrograph_trashed",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                models.OrderBy(models.F("created_at"), nulls_first=True),
                models.OrderBy(models.F("id")),
                condition=models.Q(("none_of_these", True)),
                name="micrograph_none_of_these",
            ),
        ),
        migrations.AddIndex(
            model_name="micrograph",
            index=models.Index(
                models.OrderBy(models.F("created_at"), nulls_first=True),
                models.OrderBy(models.F("id")),
                condition=models.Q(("unsure", True)),
                name="micrograph_unsure",
            ),
        ),
        migrations.AddIndex(
            model_name="nearduplicate",
            index=models.Index(
                models.OrderBy(models.F("kind"), nulls_first=True),
                models.OrderBy(models.F("differing_bits"), nulls_first=True),
                models.OrderBy(models.F("id")),
                name="near_duplicate_in_order",
            ),
        ),
        migrations.AddIndex(
            model_name="reading",
            index=models.Index(
                models.OrderBy(models.F("enqueued_at"), nulls_first=True),
                models.OrderBy(models.F("micrograph")),
                name="reading_latest",
            ),
        ),
        migrations.AddIndex(
            model_name="reading",
            index=models.Index(fields=["state"], name="reading_of_state"),
        ),
        migrations.AddIndex(
            model_name="reading",
            index=models.Index(
                condition=models.Q(("error_id", ""), _negated=True), fields=["error_id"], name="reading_by_error_id"
            ),
        ),
        migrations.AddIndex(
            model_name="reading",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("error"), name="gin_trgm_ops"
                ),
                name="reading_error_text",
            ),
        ),
    ]
