import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import microdb.similar.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("micrographs", "0027_ended_jobs"),
        ("training", "0006_live"),
    ]

    operations = [
        migrations.CreateModel(
            name="Describing",
            fields=[
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="queued",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("progress", models.FloatField(default=0, editable=False, help_text="0 to 1")),
                ("progress_message", models.CharField(blank=True, editable=False, max_length=200)),
                ("error", models.TextField(blank=True, editable=False)),
                ("error_id", models.CharField(blank=True, editable=False, max_length=12)),
                ("deliveries", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("claim_token", models.UUIDField(editable=False, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("enqueued_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("started_at", models.DateTimeField(editable=False, null=True)),
                ("heartbeat_at", models.DateTimeField(editable=False, null=True)),
                ("finished_at", models.DateTimeField(editable=False, null=True)),
                (
                    "model_version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="describing",
                        serialize=False,
                        to="training.modelversion",
                    ),
                ),
                ("wanted", models.BooleanField(default=True, editable=False)),
                ("revision", models.BigIntegerField(default=0, editable=False, help_text="Counts what was written.")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Descriptor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "vector",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=microdb.similar.models.RealField(), null=True, size=None
                    ),
                ),
                ("trained_on", models.BooleanField(help_text="Whether the version was trained on the micrograph.")),
                ("pixels_per_micrometre", models.FloatField()),
                ("data_bar_top", models.PositiveIntegerField()),
                ("masked", models.JSONField()),
                ("revision", models.BigIntegerField(help_text="Of the version's descriptors, when it was written.")),
                (
                    "micrograph",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="micrographs.micrograph",
                    ),
                ),
                (
                    "model_version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="training.modelversion",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["model_version", "revision"], name="descriptor_by_revision")],
                "constraints": [
                    models.UniqueConstraint(fields=("model_version", "micrograph"), name="descriptor_once")
                ],
            },
        ),
    ]
