"""Truth and answers name options alone; every ballot of a person has consent."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0003_labels_to_options")]

    operations = [
        migrations.RemoveField(model_name="question", name="truth"),
        migrations.RenameField(model_name="question", old_name="truth_option", new_name="truth"),
        migrations.RemoveField(
            model_name="answer",
            name="material_class",
        ),
        migrations.RemoveField(
            model_name="answer",
            name="none_of_these",
        ),
        migrations.RemoveField(
            model_name="question",
            name="truth_none_of_these",
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(("simulated", True), ("consented_at__isnull", False), _connector="OR"),
                name="ballot_has_consent",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at", None),
                    models.Q(("nickname", ""), ("submitted_at", None), ("user", None)),
                    _connector="OR",
                ),
                name="ballot_withdrawn_is_empty",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at__isnull", False), models.Q(("nickname", ""), _negated=True), _connector="OR"
                ),
                name="ballot_has_nickname",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("option__isnull", False), ("unsure", False)),
                    models.Q(("option", None), ("unsure", True)),
                    _connector="OR",
                ),
                name="answer_is_one_choice",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confidence", None), models.Q(("confidence__lte", 100), ("unsure", False)), _connector="OR"
                ),
                name="answer_confidence_percent",
            ),
        ),
    ]
