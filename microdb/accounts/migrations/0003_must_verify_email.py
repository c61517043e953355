from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_idempotency_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="must_verify_email",
            field=models.BooleanField(
                default=False, help_text="Signed up by themselves: can sign in only with a verified e-mail address."
            ),
        ),
    ]
