from django.db import migrations, models


class Migration(migrations.Migration):
    """A training shows what is known so far: its losses, its held-out accuracy, its map."""

    dependencies = [
        ("training", "0005_predictions_of_stored_answers"),
    ]

    operations = [
        migrations.AddField(
            model_name="modelversion",
            name="live",
            field=models.JSONField(
                default=dict, editable=False, help_text="What is known while it trains: losses, accuracy, a map."
            ),
        ),
    ]
