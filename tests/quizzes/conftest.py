"""A dataset with held-out micrographs, a trained version that has answered, and an open quiz."""

import hashlib
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile

from microdb.accounts.models import Panel, User
from microdb.jobs import Job
from microdb.micrographs.models import NONE_OF_THESE, Dataset, Membership, Micrograph, Role, ScaleSource
from microdb.micrographs.services import freeze_dataset
from microdb.quizzes.models import UNSURE, Ballot, Quiz
from microdb.quizzes.services import create_quiz, open_quiz, record_answer, start_ballot
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion

QUESTIONS = [("ferrite", 3), ("pearlite", 3), (NONE_OF_THESE, 1)]


@pytest.fixture
def add(dataset: Dataset, owner: User, png: Callable[..., bytes]) -> Callable[..., Micrograph]:
    """``add(label, split, specimen)``: the row of a read micrograph, without the reader, which has its own tests."""

    def make(label: str, split: str, specimen: str, pixels_per_micrometre: float | None = 2.5) -> Micrograph:
        number = dataset.micrographs.count()
        picture = png(seed=number)
        micrograph = Micrograph(
            dataset=dataset,
            filename=f"{label}-telltale-{number}.png",
            sha256=hashlib.sha256(picture).hexdigest(),
            file_format="PNG",
            width=64,
            height=48,
            bit_depth=8,
            state=Micrograph.State.READY,
            material_class=dataset.material_classes.filter(name=label).first(),
            none_of_these=label == NONE_OF_THESE,
            pixels_per_micrometre=pixels_per_micrometre,
            scale_source=ScaleSource.SIDECAR if pixels_per_micrometre else "",
            specimen=specimen,
            split=split,
            uploaded_by=owner,
        )
        micrograph.display.save("display.png", ContentFile(picture), save=False)
        micrograph.save()
        return micrograph

    return make


@pytest.fixture
def held_out(add: Callable[..., Micrograph]) -> list[Micrograph]:
    """Seven micrographs of split quiz, and two of train per class, all of different specimens."""
    for label in ("ferrite", "pearlite"):
        for number in range(2):
            add(label, "train", f"train-{label}-{number}")
    return [add(label, "quiz", f"quiz-{label}-{n}") for label, count in QUESTIONS for n in range(count)]


@pytest.fixture
def version(dataset: Dataset, held_out: list[Micrograph]) -> ModelVersion:
    return ModelVersion.objects.create(
        dataset=dataset,
        dataset_version=freeze_dataset(dataset=dataset),
        number=1,
        classes=["ferrite", "pearlite"],
        state=Job.State.DONE,
        is_active=True,
        metrics={"scale_range": [1.0, 10.0]},
    )


@pytest.fixture
def score() -> Callable[..., Score]:
    """``score(version, micrograph, predicted)``: a done score as a worker leaves it."""

    def make(version: ModelVersion, micrograph: Micrograph, predicted: str) -> Score:
        probabilities = {name: 0.8 if name == predicted else 0.1 for name in version.classes}
        none_of_these = 1 - sum(probabilities.values())
        score = Score.objects.create(
            model_version=version,
            micrograph=micrograph,
            pixels_per_micrometre=micrograph.pixels_per_micrometre,
            state=Job.State.DONE,
            predicted=predicted,
            probability=probabilities.get(predicted, none_of_these),
            none_of_these=none_of_these,
            probabilities=probabilities,
            points={predicted: 100},
        )
        for map_of in (score.saliency, score.planes):
            with micrograph.display.open() as file:
                map_of.save("map.png", ContentFile(file.read()))
        return score

    return make


@pytest.fixture
def draft(dataset: Dataset, owner: User, version: ModelVersion, held_out: list[Micrograph]) -> Quiz:
    return create_quiz(dataset=dataset, title="Who sees more?", micrographs=held_out, competitors=[version], by=owner)


@pytest.fixture
def quiz(draft: Quiz, version: ModelVersion, held_out: list[Micrograph], score: Callable[..., Score]) -> Quiz:
    """Open; the model is right on six of seven, the second question being the one it misses."""
    for number, micrograph in enumerate(held_out):
        score(version, micrograph, "pearlite" if number == 1 else micrograph.label)
    return open_quiz(quiz=draft)


@pytest.fixture
def ballot(quiz: Quiz) -> Ballot:
    return start_ballot(consents=True, quiz=quiz, nickname="Ada", panel=Panel.EXPERT)


@pytest.fixture
def answer_all() -> Callable[..., None]:
    """``answer_all(ballot, wrong=0)``: right answers, but for the first ``wrong`` questions of the quiz."""

    def answer(ballot: Ballot, wrong: int = 0) -> None:
        for question in ballot.quiz.questions.all():
            choice = UNSURE if question.position < wrong else str(question.truth_id)
            record_answer(ballot=ballot, question=question, choice=choice)

    return answer


@pytest.fixture
def choice(quiz: Quiz) -> Callable[[str], str]:
    """``choice(label)``: as the button of that option sends it."""
    return lambda label: quiz.options.get(label=label).choice


@pytest.fixture
def member(dataset: Dataset, db: None) -> Callable[[str], User]:
    def make(role: str) -> User:
        user = User.objects.create_user(f"a-{role}", password="correct horse")
        Membership.objects.create(dataset=dataset, user=user, role=Role(role))
        return user

    return make


@pytest.fixture
def two_model_quiz(
    dataset: Dataset, owner: User, version: ModelVersion, held_out: list[Micrograph], score: Callable[..., Score]
) -> Quiz:
    """Open, with two competitors: the first misses one of seven questions, the second three."""
    second = ModelVersion.objects.create(
        dataset=dataset,
        dataset_version=version.dataset_version,
        number=2,
        classes=version.classes,
        state=Job.State.DONE,
        metrics=version.metrics,
    )
    for number, micrograph in enumerate(held_out):
        score(version, micrograph, "pearlite" if number == 1 else micrograph.label)
        score(second, micrograph, "pearlite" if number < 3 else micrograph.label)
    both = create_quiz(dataset=dataset, title="Two", micrographs=held_out, competitors=[version, second], by=owner)
    return open_quiz(quiz=both)
