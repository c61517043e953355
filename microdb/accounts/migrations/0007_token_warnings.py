"""People are warned before their tokens expire, unless they do not want that."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_encrypt_second_factors"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="mails_about_tokens",
            field=models.BooleanField(
                default=True,
                help_text="Seven days and one day before one of your tokens expires.",
                verbose_name="E-mails about API tokens",
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="warned_days",
            field=models.PositiveSmallIntegerField(
                editable=False,
                help_text="How many days before its end the last warning was about; null before any.",
                null=True,
            ),
        ),
    ]
