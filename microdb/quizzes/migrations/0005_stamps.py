"""Answers carry the stamp that tells which of two is later; those given before have none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0004_labels_are_options")]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="stamp",
            field=models.CharField(
                blank=True, default="", help_text="Of the browser: tells which answer is later.", max_length=48
            ),
            preserve_default=False,
        ),
    ]
