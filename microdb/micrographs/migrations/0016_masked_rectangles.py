"""Masked rectangles of micrographs, in frozen versions too, and in the history."""

import django.db.models.functions.json
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("micrographs", "0015_scored_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="datasetversionentry",
            name="masked",
            field=models.JSONField(default=list, help_text="Masked rectangles, without their sources."),
        ),
        migrations.AddField(
            model_name="micrograph",
            name="masked",
            field=models.JSONField(
                blank=True, default=list, help_text="Rectangles that show no material, such as annotation boxes."
            ),
        ),
        migrations.AlterField(
            model_name="change",
            name="field",
            field=models.CharField(
                choices=[
                    ("label", "label"),
                    ("pixels_per_micrometre", "pixels per micrometre"),
                    ("specimen", "specimen"),
                    ("modality", "modality"),
                    ("split", "split"),
                    ("data_bar_top", "data bar"),
                    ("masked", "masked rectangles"),
                    ("trashed", "trashed"),
                ],
                max_length=25,
            ),
        ),
        migrations.AddConstraint(
            model_name="micrograph",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Func(
                        "masked",
                        models.Value(
                            "$[*] ? (!(@.x >= 0 && @.y >= 0 && @.width >= 1 && @.height >= 1 && @.x + @.width <= $width && @.y + @.height <= $height))"
                        ),
                        django.db.models.functions.json.JSONObject(height="height", width="width"),
                        function="jsonb_path_exists",
                        output_field=models.BooleanField(),
                    ),
                    _negated=True,
                ),
                name="micrograph_masked_inside",
                violation_error_message="A masked rectangle has whole pixels inside the picture.",
            ),
        ),
        migrations.AddConstraint(
            model_name="micrograph",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Func(
                        "masked", models.Value("$[8]"), function="jsonb_path_exists", output_field=models.BooleanField()
                    ),
                    _negated=True,
                ),
                name="micrograph_masked_few",
                violation_error_message="A micrograph has at most 8 masked rectangles.",
            ),
        ),
    ]
