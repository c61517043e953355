"""What microscopes record beside the pixels; a sidecar waits with its reading until the child process reads both."""

import django.db.models.deletion
from django.db import migrations, models


def _text(name: str) -> tuple[str, models.CharField]:
    return name, models.CharField(name, blank=True, max_length=100)


class Migration(migrations.Migration):
    dependencies = [("micrographs", "0012_near_duplicates")]

    operations = [
        migrations.AlterField(
            "micrograph",
            "scale_note",
            models.CharField(
                blank=True,
                help_text="The source's own words and value, or why its scale was not taken.",
                max_length=500,
            ),
        ),
        migrations.AddField(
            "reading", "sidecar_name", models.CharField(blank=True, default="", editable=False, max_length=255)
        ),
        migrations.AddField(
            "reading",
            "sidecar",
            models.BinaryField(default=b"", help_text="The microscope's text file beside it."),
        ),
        migrations.CreateModel(
            name="Acquisition",
            fields=[
                (
                    "micrograph",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="acquisition",
                        serialize=False,
                        to="micrographs.micrograph",
                    ),
                ),
                ("kilovolts", models.FloatField("accelerating voltage", help_text="kV", null=True)),
                ("working_distance", models.FloatField("working distance", help_text="mm", null=True)),
                (
                    "magnification",
                    models.FloatField("magnification", help_text="As the microscope states it.", null=True),
                ),
                _text("detector"),
                _text("instrument"),
                (
                    "date",
                    models.CharField(
                        "date",
                        blank=True,
                        help_text="YYYY-MM-DD, or as written where that is not certain.",
                        max_length=100,
                    ),
                ),
                _text("operator"),
                ("record", models.JSONField(default=dict, help_text="All that the microscope wrote, by vendor.")),
            ],
        ),
    ]
