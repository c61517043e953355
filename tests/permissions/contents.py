"""What the planted datasets contain besides micrographs, and the words that give away what an answer must not tell."""

import hashlib
import io
import zipfile
from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from microdb.accounts.models import Panel, User
from microdb.jobs import Job
from microdb.micrographs import services
from microdb.micrographs.models import BlindRound, Dataset, Micrograph, Role
from microdb.quizzes.models import Quiz
from microdb.quizzes.services import create_quiz, invite, open_quiz, record_answer, start_ballot
from microdb.scoring.models import Score
from microdb.training.models import LearningCurve, ModelImport, ModelVersion
from microdb.webhooks.models import Delivery
from microdb.webhooks.services import create_webhook, ping
from tests.descriptor_maps import map_of

OF_MEMBERS, OF_OTHERS, OF_ORGANISERS, PRIVATE = "zeppelin", "xylophone", "quokka", "walrus@example.org"
"""Words in the dataset of the table, in another dataset, in questions of an open quiz, and an e-mail address."""
READER = f"{OF_MEMBERS}-reader"
"""Who has answered a question of the open quiz."""


def plant_version(dataset: Dataset) -> ModelVersion:
    return ModelVersion.objects.create(
        dataset=dataset,
        dataset_version=services.freeze_dataset(dataset=dataset),
        number=1,
        classes=["ferrite", "pearlite"],
        state=Job.State.DONE,
        is_active=True,
        metrics={"scale_range": [1.0, 10.0]},
        **plant_artifact(),
        descriptor_map=map_of(list(dataset.micrographs.order_by("filename"))),
    )


def plant_artifact() -> dict[str, str]:
    """A zip with the files of a model, which nobody loads here."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("model.json", "weights.safetensors"):
            archive.writestr(name, b"{}")
    content = packed.getvalue()
    name = default_storage.save("models/planted.zip", ContentFile(content))
    return {"artifact": name, "artifact_sha256": hashlib.sha256(content).hexdigest()}


def plant_import(dataset: Dataset) -> ModelImport:
    """It waits for a worker."""
    return ModelImport.objects.create(dataset=dataset, filename="model.zip", sha256="0" * 64)


def plant_curve(version: ModelVersion) -> None:
    LearningCurve.objects.create(model_version=version)


def plant_training(version: ModelVersion) -> ModelVersion:
    """The next version, which waits."""
    about = {"dataset": version.dataset, "dataset_version": version.dataset_version, "classes": version.classes}
    return ModelVersion.objects.create(number=version.number + 1, **about)


def plant_score(version: ModelVersion, micrograph: Micrograph) -> Score:
    score = Score.objects.create(
        model_version=version,
        micrograph=micrograph,
        pixels_per_micrometre=micrograph.pixels_per_micrometre,
        state=Job.State.DONE,
        predicted=micrograph.label,
        probability=0.8,
        none_of_these=0.1,
        probabilities={name: 0.8 if name == micrograph.label else 0.1 for name in version.classes},
        points={micrograph.label: 100},
    )
    for stored in (score.saliency, score.planes):
        with micrograph.display.open() as file:
            stored.save("map.png", ContentFile(file.read()))
    return score


def plant_blind(dataset: Dataset, train: Iterable[Micrograph], owner: User, labeller: User) -> BlindRound:
    other = labeller
    if owner == labeller:
        other = User.objects.create_user(f"{OF_OTHERS}-rater")
        services.set_member(dataset=dataset, user=other, role=Role.LABELLER, by=owner)
    chosen = dataset.micrographs.filter(pk__in=[one.pk for one in train])
    return services.start_blind_round(dataset=dataset, micrographs=chosen, count=2, first=owner, second=other, by=owner)


def plant_quiz(
    dataset: Dataset, asked: list[Micrograph], version: ModelVersion, owner: User, word: str
) -> tuple[Quiz, dict[str, object]]:
    """An open quiz with a link, and a reader who has answered one of its questions."""
    title = "Who sees more?" if word == OF_MEMBERS else f"Who sees {word}?"
    draft = create_quiz(dataset=dataset, title=title, micrographs=asked, competitors=[version], by=owner)
    quiz = open_quiz(quiz=draft, by=owner)
    (link,) = invite(quiz=quiz, by=owner, count=1, note=f"For {word}")
    ballot = start_ballot(consents=True, quiz=quiz, nickname=f"{word}-reader", panel=Panel.EXPERT)
    question = quiz.questions.all()[0]
    record_answer(ballot=ballot, question=question, choice=str(question.truth_id))
    key = str(ballot.key)
    return quiz, {
        "image/key": question.key,
        "exemplar/key": quiz.exemplars.values_list("key", flat=True)[0],
        "saliency/key": question.key,
        "<uuid:key>/number": 1,
        "<slug:slug>/key": key,
        "invited/key": link.key,
        "truth/question": question.key,
        "results/name": "questions",
        "exhibits/name": "questions",
        "readers/pk": ballot.pk,
        "invitations/pk": link.pk,
    }


def plant_delivery(dataset: Dataset, owner: User, word: str) -> Delivery:
    """A test on its way to a webhook."""
    url = f"https://93.184.216.34/{word}"
    webhook, _secret = create_webhook(dataset=dataset, by=owner, url=url, kinds=["quiz.closed"])
    return ping(webhook=webhook, by=owner)
