"""How the manifest of a batch was understood, and which of its lines names each file."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0004_masked_rectangles")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="manifest",
            field=models.JSONField(
                editable=False, help_text="How its manifest was understood; null without one.", null=True
            ),
        ),
        migrations.AddField(
            model_name="batchitem",
            name="manifest_line",
            field=models.PositiveIntegerField(help_text="The line of the manifest that names it.", null=True),
        ),
    ]
