"""Batches note when those who want to hear of their end were told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0010_batch_item_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="announced_at",
            field=models.DateTimeField(
                editable=False, help_text="When those who want to hear of its end were told; null before.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(
                condition=models.Q(("announced_at", None), ("cancelled_at", None), ("started_at__isnull", False)),
                fields=["started_at"],
                name="batch_unannounced",
            ),
        ),
    ]
