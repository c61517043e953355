"""Scores that wait have an index in the order of their turns."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0012_score_newest"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="score", name="score_queue"),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "running"])),
                fields=["queue", "state", "enqueued_at", "created_at", "id"],
                name="score_next",
            ),
        ),
    ]
