"""Indexes for the admin's list of scores; see decision 085."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("micrographs", "0024_admin_lists"),
        ("scoring", "0014_notes_of_stored_scores"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="score",
            index=models.Index(
                condition=models.Q(("state", "done"), _negated=True),
                fields=["state", "-created_at"],
                name="score_not_done",
            ),
        ),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(fields=["predicted"], name="score_predicted"),
        ),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(
                condition=models.Q(("error_id", ""), _negated=True), fields=["error_id"], name="score_by_error_id"
            ),
        ),
        migrations.AddIndex(
            model_name="score",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("error"), name="gin_trgm_ops"
                ),
                name="score_error_text",
            ),
        ),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(
                models.OrderBy(models.F("created_at"), nulls_first=True),
                models.OrderBy(models.F("id")),
                name="score_in_order",
            ),
        ),
    ]
