"""Scores say how familiar a micrograph is, which class is nearest, and where its crops lie on the map."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0002_data_bar")]

    operations = [
        migrations.AddField(
            model_name="score",
            name="outside_rank",
            field=models.FloatField(
                null=True,
                help_text="Share of known micrographs of unseen specimens that look more familiar, from 0 to 1.",
            ),
        ),
        migrations.AddField(
            model_name="score",
            name="nearest",
            field=models.CharField(blank=True, max_length=60, help_text="The most probable class, always one."),
        ),
        migrations.AddField(
            model_name="score",
            name="descriptors",
            field=models.JSONField(default=list, help_text="Places of its crops on the descriptor map."),
        ),
    ]
