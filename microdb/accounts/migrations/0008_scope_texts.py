import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_token_warnings"),
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
                        ("curate", "use the trash, manage members, quizzes and webhooks"),
                    ],
                    max_length=10,
                ),
                size=None,
            ),
        ),
    ]
