"""A client recognises its batch by a key of its own. Scores that wait have an index in the order of their turns."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0015_admin_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="client_key",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="By which its maker recognises it; empty without one.",
                max_length=200,
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at", None), models.Q(("client_key", ""), _negated=True)),
                fields=("requested_by", "model_version", "client_key"),
                name="batch_of_client_key",
            ),
        ),
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
