"""Tokens expire, are restricted to datasets, and rotate. Existing ones keep their scopes, none of which deletes."""

import django.contrib.postgres.fields
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_email_addresses"),
    ]

    operations = [
        migrations.AlterField(
            model_name="apitoken",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("read", "read what its owner sees"),
                        ("upload", "upload and label micrographs, change datasets"),
                        ("train", "start, cancel and activate model versions"),
                        ("score", "start and cancel batches"),
                        ("quiz", "read quizzes and their results"),
                        ("curate", "move micrographs and datasets to the trash, manage webhooks"),
                    ],
                    max_length=10,
                ),
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="only_datasets",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                help_text="Primary keys of the datasets that it reaches; null: all that its owner sees.",
                null=True,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="secret_made_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="expires_at",
            field=models.DateTimeField(blank=True, help_text="Empty: it never expires.", null=True),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="previous_digest",
            field=models.CharField(editable=False, max_length=64, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="previous_expires_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
