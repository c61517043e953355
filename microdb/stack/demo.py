"""The demo: a public dataset of drawn steels that trains itself, scores its held-out micrographs and opens a quiz.

Each call of ``continue_demo`` does the next missing step. It may be called at any time, killed at any instruction, and
called again.
"""

import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

from microdb.accounts.models import Panel, User
from microdb.front.sample import DEMO_SLUG, draw_some, make_sample
from microdb.micrographs import services as micrographs
from microdb.micrographs.models import Dataset, Licence, Split
from microdb.quizzes import services as quizzes
from microdb.quizzes.composition.readiness import readiness
from microdb.quizzes.models import Quiz
from microdb.scoring import services as scoring
from microdb.scoring.models import Score
from microdb.scoring.tasks import enqueue_score
from microdb.stack.private_files import write_private
from microdb.training import services as training
from microdb.training.models import ModelVersion
from microdb.training.tasks import enqueue_training

QUIZ_TITLE = "Drawn steels: people against the machine"
"""From it comes the address of the quiz, which the setting SAMPLE_QUIZ names in the demo."""


def create_demo() -> None:
    """Make the user ``demo``, with a random password kept under VAR, and the empty dataset."""
    if User.objects.filter(username="demo").exists():
        return
    password = secrets.token_urlsafe(9)
    write_private(Path(settings.VAR) / "demo_password", password)
    with transaction.atomic():
        user = User.objects.create_superuser("demo", password=password, expertise=Panel.EXPERT)
        dataset = make_sample(by=user, name="Drawn steels", slug=DEMO_SLUG)
        micrographs.update_dataset(dataset=dataset, public=True, licence=Licence.CC0)


def continue_demo() -> bool:
    """Do the next missing step. Returns True where another one may follow at once."""
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update(skip_locked=True).filter(slug=DEMO_SLUG, trashed_at=None).first()
        if dataset is None or Quiz.objects.filter(dataset=dataset, opened_at__isnull=False).exists():
            return False
        if draw_some(dataset.pk):
            return True
        version = dataset.model_versions.filter(is_active=True).first()
        if version is None:
            _train(dataset)
        else:
            _continue_quiz(dataset, version)
        return False


def _train(dataset: Dataset) -> None:
    """Request the first training. After a failed or cancelled one, the person decides."""
    if not dataset.model_versions.exists():
        enqueue_training(training.request_training(dataset=dataset, by=dataset.created_by))


def _all_scored(version: ModelVersion) -> bool:
    held_out = list(version.dataset.micrographs.ready().filter(split=Split.QUIZ).labelled().with_scale())
    queued = set(Score.objects.filter(model_version=version, state=Score.State.QUEUED).values_list("pk", flat=True))
    for micrograph in held_out:
        score = scoring.request_score(model_version=version, micrograph=micrograph, queue="batch")
        if score.pk not in queued:  # the sweep sends lost messages again
            enqueue_score(score)
    done = Score.objects.filter(model_version=version, micrograph__in=held_out, state=Score.State.DONE)
    return done.count() == len(held_out)


def _continue_quiz(dataset: Dataset, version: ModelVersion) -> None:
    """Draft the quiz before the model answers, so that its record is clean, and open it when all answers are there."""
    quiz = Quiz.objects.filter(dataset=dataset, title=QUIZ_TITLE).first()
    if quiz is None:
        quiz = quizzes.create_quiz(
            dataset=dataset,
            title=QUIZ_TITLE,
            micrographs=dataset.micrographs.ready().filter(split=Split.QUIZ),
            competitors=[version],
            by=dataset.created_by,
            asks_confidence=True,
        )
    if _all_scored(version) and readiness(quiz).complete:
        quizzes.open_quiz(quiz=quiz)
        quizzes.simulate_readers(quiz=quiz, experts=8, non_experts=15, seed=0)
