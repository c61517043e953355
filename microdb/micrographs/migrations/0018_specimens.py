"""Records of specimens, with their history."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("micrographs", "0017_readers_release"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Specimen",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("material", models.CharField("material or grade", blank=True, max_length=100)),
                (
                    "composition",
                    models.JSONField("composition", blank=True, default=dict, help_text="Mass percent by element."),
                ),
                (
                    "heat_treatment",
                    models.CharField("heat treatment", blank=True, help_text="As written.", max_length=1000),
                ),
                (
                    "steps",
                    models.JSONField(
                        default=list, editable=False, help_text="What was understood of the heat treatment."
                    ),
                ),
                ("heat_number", models.CharField("heat number", blank=True, max_length=100)),
                ("other_fields", models.JSONField("other fields", blank=True, default=dict)),
                ("notes", models.TextField("notes", blank=True)),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="specimens",
                        to="micrographs.dataset",
                    ),
                ),
            ],
            options={
                "ordering": ["dataset", "name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("dataset", "name"),
                        name="specimen_once",
                        violation_error_message="The dataset has a record of this specimen; change that one.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SpecimenChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "specimen",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="micrographs.specimen",
                    ),
                ),
            ],
            options={"ordering": ["-at", "-pk"]},
        ),
    ]
