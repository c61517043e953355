"""The comparison that a quiz is for, declared before it opens."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0007_rules_of_opened_quizzes"), ("training", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="PrimaryEndpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "panel",
                    models.CharField(
                        choices=[("expert", "expert"), ("non-expert", "non-expert")], default="expert", max_length=10
                    ),
                ),
                (
                    "margin",
                    models.FloatField(
                        blank=True,
                        help_text="How much worse than the panel still counts as no worse, from 0 to 1.",
                        null=True,
                    ),
                ),
                ("declared_at", models.DateTimeField(auto_now=True)),
                (
                    "model_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="training.modelversion"
                    ),
                ),
                (
                    "quiz",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="primary_endpoint",
                        to="quizzes.quiz",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("margin", None), models.Q(("margin__gt", 0), ("margin__lte", 0.5)), _connector="OR"
                        ),
                        name="primary_endpoint_margin",
                    )
                ]
            },
        )
    ]
