"""The length that is written at a micron bar, and which release measured the pixels."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("micrographs", "0018_specimens"),
    ]

    operations = [
        migrations.AddField(
            model_name="reading",
            name="measures",
            field=models.PositiveSmallIntegerField(
                default=0,
                editable=False,
                help_text="The release of the measurements that the pixels went through last.",
            ),
        ),
        migrations.CreateModel(
            name="Lettering",
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
                    "micrograph",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="lettering",
                        serialize=False,
                        to="micrographs.micrograph",
                    ),
                ),
                ("pictures", models.JSONField(default=list, editable=False)),
                ("text", models.CharField(blank=True, editable=False, help_text="As it was read.", max_length=50)),
                ("amount", models.FloatField(editable=False, null=True)),
                ("unit", models.CharField(blank=True, editable=False, max_length=2)),
                (
                    "confidence",
                    models.FloatField(editable=False, help_text="Of the least certain character, 0 to 1.", null=True),
                ),
                (
                    "pixels_per_micrometre",
                    models.FloatField(editable=False, help_text="Of the bar and its length.", null=True),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=["state", "enqueued_at"],
                        name="lettering_active",
                    ),
                    models.Index(fields=["enqueued_at"], name="lettering_by_message"),
                ],
            },
        ),
    ]
