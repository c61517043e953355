"""What stands behind the doors of the front page: a finished dataset and a quiz, where the site has them."""

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef

from microdb.jobs import Job
from microdb.micrographs.models import Dataset, DatasetQuerySet, Micrograph
from microdb.quizzes.models import Quiz
from microdb.training.models import ModelVersion

LISTED = 12
"""Public datasets that the front page names."""
THUMBNAILS = 8


def public_datasets() -> list[Dataset]:
    """The latest ones, those with a trained version first."""
    trained = ModelVersion.objects.filter(dataset=OuterRef("pk"), state=Job.State.DONE)
    datasets: DatasetQuerySet = Dataset.objects.public()
    return list(datasets.annotate(finished=Exists(trained)).order_by("-finished", "-created_at", "-pk")[:LISTED])


def thumbnails(dataset: Dataset, visitor: object) -> list[Any]:
    """A few of its micrographs from all over it, for somebody who is not signed in."""
    shown = Micrograph.objects.shown_to(visitor).ready().filter(dataset=dataset)
    return list(shown.order_by("sha256").values_list("pk", flat=True)[:THUMBNAILS])


def sample_quiz() -> Quiz | None:
    """The quiz that the site's settings name, while anybody may take it."""
    found = Quiz.objects.running().filter(slug=settings.SAMPLE_QUIZ, by_invitation=False, dataset__trashed_at=None)
    quiz = found.first()
    return quiz if quiz and quiz.state == "open" else None
