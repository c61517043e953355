"""A score keeps the probabilities of its map, what they add up to, and what its version's held-out micrographs say."""

from django.db import migrations, models

import microdb.scoring.models.scores


class Migration(migrations.Migration):
    dependencies = [("scoring", "0017_ended_jobs")]

    operations = [
        migrations.AddField(
            "score",
            "planes",
            models.FileField(
                blank=True,
                help_text="The map's probabilities, a gray plane per outcome.",
                upload_to=microdb.scoring.models.scores.planes_path,
                default="",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "score",
            "window",
            models.FloatField(
                help_text="Side of the window around each place of the map, as a share of the longer side.", null=True
            ),
        ),
        migrations.AddField(
            "score",
            "points",
            models.JSONField(default=dict, help_text="Places of the map by their most probable outcome."),
        ),
        migrations.AddField(
            "score",
            "held_out",
            models.PositiveIntegerField(help_text="Held-out micrographs of its model version.", null=True),
        ),
        migrations.AddField(
            "score",
            "unsure_below",
            models.FloatField(help_text="The lead over the next outcome below which it is unsure.", null=True),
        ),
    ]
