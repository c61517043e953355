"""A score remembers the masked rectangles that it was made with, and is unique per them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("micrographs", "0016_masked_rectangles"),
        ("scoring", "0003_outside_rank"),
        ("training", "0002_out_of_fold"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="score",
            name="score_once",
        ),
        migrations.AddField(
            model_name="score",
            name="masked",
            field=models.JSONField(default=list, help_text="The rectangles that were not looked at."),
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["queued", "running", "done"])),
                fields=("model_version", "micrograph", "pixels_per_micrometre", "data_bar_top", "masked"),
                name="score_once",
                nulls_distinct=False,
            ),
        ),
    ]
