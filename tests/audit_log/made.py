"""What a request needs to be there."""

import re
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import create_api_token
from microdb.activity.tallies import forget_tallies
from microdb.jobs import Job
from microdb.micrographs import services
from microdb.micrographs.models import BlindRound, Membership, Micrograph, NearDuplicate, Role, SpecimenChange
from microdb.quizzes.models import Ballot, Invitation, Quiz
from microdb.quizzes.services import close_quiz, invite, record_answer, start_ballot, submit_ballot
from microdb.scoring import services as services_of_scoring
from microdb.scoring.models import Batch, Score
from microdb.scoring.services import BatchInput, create_batch
from microdb.training.models import LearningCurve, ModelImport, ModelVersion, OutOfFold
from tests.audit_log.world import World
from tests.micrographs.tus import Tus


def session(user: User) -> UserSession:
    """In another browser."""
    there = Client()
    there.force_login(user)
    there.get("/accounts/sessions/")
    key = there.session.session_key
    return UserSession.objects.get_or_create(user=user, session_key=key, defaults={"ip": "203.0.113.9"})[0]


def specimen(w: World) -> SpecimenChange:
    services.update_specimens(dataset=w.dataset, records={w.one.specimen: {"material": "C45"}}, by=w.owner)
    return SpecimenChange.objects.latest("pk")


def applied(w: World, route: str, field: str, text: str) -> Any:
    """A table, first shown and then agreed to."""
    page = w.post(route, {field: named(text)}).content.decode()
    found = re.search(r'name="digest" value="(\w+)"', page)
    assert found
    return w.post(route, {field: named(text), "digest": found[1]})


def named(text: str) -> Any:
    return SimpleUploadedFile("table.csv", text.encode())


def upload(w: World, address: str) -> Any:
    """A file in two requests."""
    _token, secret = create_api_token(user=w.owner, scopes=list(ApiToken.Scope.values))
    tus, content = Tus(Client(), Authorization=f"Token {secret}"), w.png(90)
    where = tus.started(len(content), address)
    return [tus.send(where, 0, content[:50]), tus.send(where, 50, content[50:])]


def blind(w: World) -> BlindRound:
    services.set_member(dataset=w.dataset, user=w.other, role=Role.LABELLER, by=w.owner)
    chosen = Micrograph.objects.filter(pk=w.one.pk)
    return services.start_blind_round(
        dataset=w.dataset, micrographs=chosen, count=1, first=w.owner, second=w.other, by=w.owner
    )


def settle(w: World) -> Any:
    round_ = blind(w)
    round_.items.update(first_answer="pearlite", second_answer="pearlite")
    return w.post("micrographs:blind_settle", {}, "steels", round_.pk)


def version(w: World, **fields: Any) -> ModelVersion:
    trained: ModelVersion = w.fixture("version")
    if not fields:
        return trained
    about = {"dataset": w.dataset, "dataset_version": trained.dataset_version, "classes": trained.classes}
    return ModelVersion.objects.create(number=2, **about, **fields)


def queued(w: World) -> Score:
    return Score.objects.create(model_version=version(w), micrograph=w.one, pixels_per_micrometre=2.5)


def verdict(w: World, by: ModelVersion | None = None) -> Score:
    """None of these, whatever its label is."""
    said = {"state": "done", "predicted": "none-of-these", "probability": 0.9, "none_of_these": 0.9}
    return Score.objects.create(
        model_version=by or version(w), micrograph=w.one, pixels_per_micrometre=w.one.pixels_per_micrometre, **said
    )


def suspect(w: World) -> Any:
    """The key of a micrograph whose label is contradicted."""
    OutOfFold.answered(version(w), w.one.pk, w.one.label, {"none-of-these": 0.9, w.one.label: 0.1}).save()
    return w.one.pk


def another_version_has_scored(w: World) -> int:
    """The number of a version that is not active."""
    old = version(w, state="done")
    verdict(w, old)
    return old.number


def job(version: ModelVersion) -> str:
    return f"training-{version.pk}"


def failed_scores(w: World) -> str:
    """The scores of the dataset that belong to no batch, as a job."""
    forget_tallies()
    Score.objects.filter(pk=queued(w).pk).update(state="failed", finished_at=timezone.now())
    return f"score-{w.dataset.pk}"


def open_batch(w: World, files: int = 0) -> Batch:
    made = services_of_scoring.open_batch(model_version=version(w), by=w.owner)
    if files:
        services_of_scoring.add_files(batch=made, inputs=[BatchInput(w.one.filename, w.one)])
    return made


def batch(w: World) -> Batch:
    return create_batch(model_version=version(w), items=[BatchInput(w.one.filename, w.one)], by=w.owner)


def closed(w: World) -> Quiz:
    return close_quiz(quiz=w.fixture("quiz"))


def repeat(w: World) -> Ballot:
    quiz = w.fixture("quiz")
    for _number in range(2):
        ballot = start_ballot(consents=True, quiz=quiz, nickname="Ada", panel="expert", browser="the same one")
        for question in quiz.questions.all():
            record_answer(ballot=ballot, question=question, choice="unsure")
        submit_ballot(ballot=ballot)
    return ballot


def composed(w: World, title: str) -> dict[str, Any]:
    chosen = [str(one.pk) for one in w.micrographs]
    return {"title": title, "competitors": [version(w).pk], "micrographs": chosen, "offers_none_of_these": "on"}


def near(w: World) -> NearDuplicate:
    first, second = sorted(w.micrographs[:2], key=lambda one: str(one.pk))
    return NearDuplicate.objects.create(first=first, second=second, kind="near", differing_bits=1)


def scored_only(w: World) -> Micrograph:
    stored = w.stored
    Micrograph.objects.filter(pk=stored.pk).update(scored_only=True)
    return stored


def late_sidecar(w: World) -> Any:
    stored = services.read_at_once(micrograph=w.stored)
    file = SimpleUploadedFile("stored.txt", b"[SemImageFile]\r\nPixelSize=250\r\n")
    return w.post("micrographs:upload_sidecars", {"id": [str(stored.pk)], "sidecar": [file], "apply": "1"})


def token(user: User) -> ApiToken:
    return create_api_token(user=user, scopes=["read"])[0]


def membership(w: World) -> Membership:
    return services.set_member(dataset=w.dataset, user=w.other, role=Role.VIEWER, by=w.owner)


def invitation(w: World) -> Invitation:
    return invite(quiz=w.fixture("draft"), count=1, by=w.owner)[0]


def curve(w: World) -> LearningCurve:
    """Of a trained version; it waits."""
    return LearningCurve.objects.create(model_version=version(w, state=Job.State.DONE))


def model_import(w: World) -> ModelImport:
    """It waits."""
    return ModelImport.objects.create(dataset=w.dataset, filename="model.zip", sha256="0" * 64)
