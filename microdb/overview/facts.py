"""What the overview is made from, by a constant number of queries however many micrographs there are."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from microdb.accounts.models import User
from microdb.activity.work import ACTIVE
from microdb.jobs import Job
from microdb.micrographs.models import Cell, Dataset, Micrograph, Split, counted
from microdb.quizzes.models import Ballot, Quiz
from microdb.training.models import ModelVersion
from microdb.training.preflight import Preflight, preflight


@dataclass(frozen=True)
class Micrographs:
    """Of a dataset, as its viewer sees it. All but ``total``, ``reading`` and ``refused`` count readable ones."""

    total: int
    reading: int
    refused: int
    ready: int
    with_scale: int
    train: int
    quiz: int
    labelled: int

    @property
    def without_scale(self) -> int:
        return self.ready - self.with_scale

    @property
    def unsplit(self) -> int:
        return self.ready - self.train - self.quiz

    @property
    def unlabelled(self) -> int:
        return self.ready - self.labelled


@dataclass(frozen=True)
class Models:
    """``active``: the version that scores; ``training``: the latest one that waits or is being trained."""

    trained: int
    active: ModelVersion | None
    training: ModelVersion | None


@dataclass(frozen=True)
class Quizzes:
    """``draft`` and ``opened`` are the latest of their kind, ``to_take`` one that the person can still take."""

    drafts: int
    open: int
    closed: int
    draft: Quiz | None
    opened: Quiz | None
    to_take: Quiz | None


@dataclass(frozen=True)
class Facts:
    """All that the overview of a dataset says about it."""

    dataset: Dataset
    micrographs: Micrographs
    preflight: Preflight
    models: Models
    quizzes: Quizzes


def facts_of(dataset: Dataset, user: User) -> Facts:
    """For a member, who is the dataset's viewer; see ``dataset_or_404``."""
    return Facts(
        dataset, _micrographs(dataset), preflight(dataset, with_unsplit=True), _models(dataset), _quizzes(dataset, user)
    )


def _micrographs(dataset: Dataset) -> Micrographs:
    cells = counted(dataset, "material_class", "none_of_these", "split", "state", "scale_bin")

    def count(condition: Callable[[Cell], bool]) -> int:
        return sum(cell["total"] for cell in cells if condition(cell))

    def ready(condition: Callable[[Cell], bool]) -> int:
        return count(lambda cell: cell["state"] == Micrograph.State.READY and condition(cell))

    return Micrographs(
        total=count(lambda cell: True),
        reading=count(lambda cell: cell["state"] == Micrograph.State.READING),
        refused=count(lambda cell: cell["state"] == Micrograph.State.REFUSED),
        ready=ready(lambda cell: True),
        with_scale=ready(lambda cell: dataset.scale_free or cell["scale_bin"] is not None),
        train=ready(lambda cell: cell["split"] == Split.TRAIN),
        quiz=ready(lambda cell: cell["split"] == Split.QUIZ),
        labelled=ready(lambda cell: cell["none_of_these"] or cell["material_class"] is not None),
    )


def _models(dataset: Dataset) -> Models:
    versions = ModelVersion.objects.filter(dataset=dataset)
    shown = versions.filter(Q(is_active=True) | Q(state__in=ACTIVE)).defer("descriptor_map", "live", "asked")
    rows = list(shown.order_by("-number"))
    for row in rows:
        row.dataset = dataset
    return Models(
        trained=versions.filter(state=Job.State.DONE).count(),
        active=next((row for row in rows if row.is_active), None),
        training=next((row for row in rows if row.state in ACTIVE), None),
    )


def _quizzes(dataset: Dataset, user: User) -> Quizzes:
    quizzes = dataset.quizzes.all()
    drafts, running = Q(opened_at=None), quizzes.running()
    tally = quizzes.aggregate(drafts=Count("pk", filter=drafts), opened=Count("pk", filter=~drafts))
    latest = running.order_by("-opened_at")
    taken = Ballot.objects.filter(user=user, submitted_at__isnull=False)
    open_ones = running.count()
    return Quizzes(
        drafts=tally["drafts"],
        open=open_ones,
        closed=tally["opened"] - open_ones,
        draft=quizzes.filter(drafts).order_by("-created_at").first(),
        opened=latest.first() or quizzes.exclude(drafts).order_by("-opened_at").first(),
        to_take=_first_open(latest.filter(by_invitation=False).exclude(pk__in=taken.values("quiz"))),
    )


def _first_open(quizzes: QuerySet[Quiz]) -> Quiz | None:
    """Without those whose time has not come."""
    return next((quiz for quiz in quizzes[:10] if quiz.is_open), None)
