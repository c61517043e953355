"""Options fixed at the opening, sign-offs, invitations, consent, confidence, times and stored reports."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("micrographs", "0001_initial"),
        ("quizzes", "0001_initial"),
        ("training", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "note",
                    models.CharField(blank=True, help_text="For whom it is; readers do not see it.", max_length=100),
                ),
                (
                    "panel",
                    models.CharField(
                        blank=True,
                        choices=[("expert", "expert"), ("non-expert", "non-expert")],
                        help_text="Empty: readers say it themselves.",
                        max_length=10,
                    ),
                ),
                ("single_use", models.BooleanField(default=True)),
                (
                    "used_at",
                    models.DateTimeField(editable=False, help_text="When a single-use link was taken.", null=True),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["created_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Option",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("label", models.CharField(help_text="The class's name, or none-of-these.", max_length=60)),
            ],
            options={
                "ordering": ["quiz", "position"],
            },
        ),
        migrations.CreateModel(
            name="SignOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("truth_sha256", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["signed_at"],
            },
        ),
        migrations.CreateModel(
            name="StoredReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "readers",
                    models.CharField(help_text="The choice of readers, as in the page's address.", max_length=100),
                ),
                (
                    "fingerprint",
                    models.CharField(help_text="SHA-256 of the ballots and of the fixed answers.", max_length=64),
                ),
                ("document", models.TextField(help_text="The report as JSON.")),
                ("made_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.AlterModelOptions(
            name="ballot",
            options={"ordering": ["started_at", "pk"]},
        ),
        migrations.AddField(
            model_name="answer",
            name="confidence",
            field=models.PositiveSmallIntegerField(help_text="Per cent, as the reader said it.", null=True),
        ),
        migrations.AddField(
            model_name="ballot",
            name="consented_at",
            field=models.DateTimeField(editable=False, help_text="When the quiz's consent was given.", null=True),
        ),
        migrations.AddField(
            model_name="ballot",
            name="withdrawn_at",
            field=models.DateTimeField(editable=False, help_text="Answers and name are gone then.", null=True),
        ),
        migrations.AddField(
            model_name="quiz",
            name="asks_confidence",
            field=models.BooleanField(default=False, help_text="Readers may say how sure they are."),
        ),
        migrations.AddField(
            model_name="quiz",
            name="by_invitation",
            field=models.BooleanField(default=False, help_text="The quiz's plain link lets nobody in."),
        ),
        migrations.AddField(
            model_name="quiz",
            name="closes_at",
            field=models.DateTimeField(blank=True, help_text="Takes no answers any more.", null=True),
        ),
        migrations.AddField(
            model_name="quiz",
            name="consent_text",
            field=models.TextField(blank=True, help_text="What readers agree to; empty: MicroDB's own text."),
        ),
        migrations.AddField(
            model_name="quiz",
            name="needs_sign_off",
            field=models.BooleanField(default=False, help_text="Two curators must sign the truth."),
        ),
        migrations.AddField(
            model_name="quiz",
            name="opens_at",
            field=models.DateTimeField(blank=True, help_text="Takes answers from then on.", null=True),
        ),
        migrations.AddField(
            model_name="quiz",
            name="teaching",
            field=models.BooleanField(default=False, help_text="Truth and the models' answers follow each answer."),
        ),
        migrations.AddField(
            model_name="quiz",
            name="time_limit_minutes",
            field=models.PositiveSmallIntegerField(blank=True, help_text="For one whole ballot.", null=True),
        ),
        migrations.AlterField(
            model_name="ballot",
            name="nickname",
            field=models.CharField(blank=True, max_length=50),
        ),
        migrations.AlterField(
            model_name="ballot",
            name="started_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddConstraint(
            model_name="quiz",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opens_at", None), ("closes_at", None), ("opens_at__lt", models.F("closes_at")), _connector="OR"
                ),
                name="quiz_opens_before_it_closes",
                violation_error_message="A quiz closes after it opens; choose a later closing time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="quiz",
            constraint=models.CheckConstraint(
                condition=models.Q(("time_limit_minutes", None), ("time_limit_minutes__gt", 0), _connector="OR"),
                name="quiz_time_limit_positive",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="created_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="quiz",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="quizzes.quiz"
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="invitation",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="ballots", to="quizzes.invitation"
            ),
        ),
        migrations.AddField(
            model_name="option",
            name="material_class",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="micrographs.materialclass",
            ),
        ),
        migrations.AddField(
            model_name="option",
            name="quiz",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="options", to="quizzes.quiz"
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="option",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="answers", to="quizzes.option"
            ),
        ),
        migrations.AddField(
            model_name="signoff",
            name="quiz",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="sign_offs", to="quizzes.quiz"
            ),
        ),
        migrations.AddField(
            model_name="signoff",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="storedreport",
            name="quiz",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="stored_reports", to="quizzes.quiz"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("used_at", None), ("single_use", True), _connector="OR"),
                name="invitation_used_is_single",
            ),
        ),
        migrations.AddConstraint(
            model_name="option",
            constraint=models.UniqueConstraint(fields=("quiz", "label"), name="option_once"),
        ),
        migrations.AddConstraint(
            model_name="option",
            constraint=models.UniqueConstraint(fields=("quiz", "position"), name="option_position_once"),
        ),
        migrations.AddConstraint(
            model_name="signoff",
            constraint=models.UniqueConstraint(fields=("quiz", "user"), name="sign_off_once"),
        ),
        migrations.AddConstraint(
            model_name="storedreport",
            constraint=models.UniqueConstraint(fields=("quiz", "readers"), name="stored_report_once"),
        ),
        migrations.RemoveConstraint(model_name="question", name="question_one_truth"),
        migrations.RemoveConstraint(model_name="answer", name="answer_is_one_choice"),
        migrations.AddField(
            model_name="question",
            name="truth_option",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="questions", to="quizzes.option"
            ),
        ),
    ]
