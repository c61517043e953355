from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """The page of what runs counts what waits and what ended lately, and keeps the counts of ended batches."""

    dependencies = [
        ("scoring", "0016_client_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="counts",
            field=models.JSONField(
                editable=False,
                help_text="Of its items: total from its start, done and without_verdict from its end.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(
                condition=Q(("state__in", ["queued", "running"])),
                fields=["model_version", "state"],
                name="score_active",
            ),
        ),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(
                condition=Q(("finished_at__isnull", False)), fields=["state", "finished_at"], name="score_ended"
            ),
        ),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(
                condition=Q(("deliveries__gt", 3), ("state", "failed")),
                fields=["finished_at"],
                name="score_quarantined",
            ),
        ),
    ]
