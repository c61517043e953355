"""Ballots know whether they count, quizzes have a record and rules, and acts of organisers are kept."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("micrographs", "0015_scored_only"),
        ("quizzes", "0005_stamps"),
        ("training", "0002_out_of_fold"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="QuizEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opened", "opened"),
                            ("closed", "closed"),
                            ("reopened", "reopened"),
                            ("counted", "counted a repeat"),
                            ("left_out", "left a repeat out again"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "by_name",
                    models.CharField(blank=True, help_text="Stays when the account is deleted.", max_length=150),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="ballot",
            name="account_mark",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="ballot",
            name="browser_mark",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="ballot",
            name="complete",
            field=models.BooleanField(
                default=False, editable=False, help_text="Submitted with enough answers to count."
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="counted_anyway",
            field=models.BooleanField(
                default=False, editable=False, help_text="An organiser says that this repeat is another person."
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="name_mark",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="ballot",
            name="repeat_of",
            field=models.ForeignKey(
                editable=False,
                help_text="An earlier sitting of the same browser, account or name.",
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="repeats",
                to="quizzes.ballot",
            ),
        ),
        migrations.AddField(
            model_name="quiz",
            name="analysis_plan",
            field=models.TextField(blank=True, help_text="What will be tested, written before any answer."),
        ),
        migrations.AddField(
            model_name="quiz",
            name="answers_known",
            field=models.JSONField(
                default=dict,
                editable=False,
                help_text="Answers of each competitor that could be read when the questions were chosen.",
            ),
        ),
        migrations.AddField(
            model_name="quiz",
            name="completeness_percent",
            field=models.PositiveSmallIntegerField(
                default=100, help_text="Share of the questions that a ballot must answer to count."
            ),
        ),
        migrations.AddField(
            model_name="quiz",
            name="record",
            field=models.TextField(blank=True, editable=False, help_text="What was fixed at opening, as JSON."),
        ),
        migrations.AddField(
            model_name="quiz",
            name="truths_shown",
            field=models.CharField(
                choices=[
                    ("after_sitting", "after a complete sitting"),
                    ("after_closing", "when the quiz closes"),
                    ("never", "never"),
                ],
                default="after_sitting",
                max_length=13,
            ),
        ),
        migrations.AddField(
            model_name="quiz",
            name="unknown_specimens",
            field=models.JSONField(
                editable=False,
                help_text="Micrographs without a specimen that an organiser accepted at opening.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="quiz",
            name="frozen_sha256",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="Of the record; before records were kept, of questions, truth and the models' answers.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="option",
            name="description",
            field=models.TextField(blank=True, default="", help_text="The class's definition, shown to readers."),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="option",
            name="confused_with",
            field=models.JSONField(default=list, help_text="Labels that the class is often confused with."),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(("complete", False), ("submitted_at__isnull", False), _connector="OR"),
                name="ballot_complete_is_submitted",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(("counted_anyway", False), ("repeat_of__isnull", False), _connector="OR"),
                name="ballot_counted_anyway_is_repeat",
            ),
        ),
        migrations.AddConstraint(
            model_name="quiz",
            constraint=models.CheckConstraint(
                condition=models.Q(("completeness_percent__lte", 100)), name="quiz_completeness_percent"
            ),
        ),
        migrations.AddField(
            model_name="quizevent",
            name="ballot",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="events", to="quizzes.ballot"
            ),
        ),
        migrations.AddField(
            model_name="quizevent",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="quizevent",
            name="quiz",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="events", to="quizzes.quiz"
            ),
        ),
    ]
