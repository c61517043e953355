"""The overview: steps with counts, one next action for each role, what runs, accuracy, last activity."""

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from microdb.accounts.models import User
from microdb.activity.tallies import forget_tallies
from microdb.jobs import Job
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph, Role
from microdb.quizzes.models import Quiz
from microdb.training.models import ModelVersion

ADDRESS = "/datasets/steels/overview/"


@pytest.fixture(autouse=True)
def counted_anew(db) -> None:
    forget_tallies()


def add(dataset: Dataset, label: str = "", number: int = 1, **fields: Any) -> None:
    """So many readable micrographs with a scale."""
    about = {
        "state": Micrograph.State.READY,
        "width": 64,
        "height": 48,
        "bit_depth": 8,
        "pixels_per_micrometre": 2.0,
        "scale_source": "by_hand",
        "material_class": dataset.material_classes.filter(name=label).first(),
        **fields,
    }
    for _ in range(number):
        Micrograph.objects.create(dataset=dataset, filename="one.png", sha256=uuid.uuid4().hex * 2, **about)


def train(dataset: Dataset, state: str = Job.State.DONE, **fields: Any) -> ModelVersion:
    frozen = services.freeze_dataset(dataset=dataset)
    about = {"is_active": state == Job.State.DONE, "classes": ["ferrite", "pearlite"], **fields}
    number = dataset.model_versions.count() + 1
    return ModelVersion.objects.create(dataset=dataset, dataset_version=frozen, number=number, state=state, **about)


def hold_quiz(dataset: Dataset, *, opened: bool = True) -> Quiz:
    about = {"opened_at": timezone.now(), "frozen_sha256": "0" * 64} if opened else {}
    return Quiz.objects.create(dataset=dataset, title="Spring", slug=uuid.uuid4().hex, **about)


def member(dataset: Dataset, owner: User, role: str) -> Client:
    user = User.objects.create_user(role, password="correct horse")
    services.set_member(dataset=dataset, user=user, role=role, by=owner)
    client = Client()
    client.force_login(user)
    return client


def button(client: Client) -> str:
    """The text of the one primary button."""
    page = client.get(ADDRESS).text
    primary = re.findall(r'<(?:a|button)[^>]*class="(?:button )?primary"[^>]*>(.*?)</', page, re.S)
    assert len(primary) == 1
    return " ".join(primary[0].split())


def steps(client: Client) -> dict[str, tuple[str, str]]:
    return {step.key: (step.count, step.state.value) for step in client.get(ADDRESS).context["steps"]}


def test_an_owner_is_led_from_an_empty_dataset_to_a_quiz(signed_in: Client, dataset: Dataset) -> None:
    assert button(signed_in) == "Upload micrographs"
    add(dataset, number=3, pixels_per_micrometre=None, scale_source="")
    assert button(signed_in) == "Set the scale of 3 micrographs"
    dataset.micrographs.update(pixels_per_micrometre=2.0, scale_source="by_hand")
    assert button(signed_in) == "Label 3 micrographs"
    dataset.micrographs.all().delete()
    add(dataset, "ferrite", 8)
    add(dataset, "pearlite", 8)
    assert button(signed_in) == "Train the model"
    running = train(dataset, Job.State.RUNNING)
    assert button(signed_in) == "Watch the training"
    running.delete()
    train(dataset)
    assert button(signed_in) == "Set micrographs aside"
    dataset.micrographs.filter(pk__in=dataset.micrographs.values("pk")[:4]).update(split="quiz")
    assert button(signed_in) == "Make a quiz"
    draft = hold_quiz(dataset, opened=False)
    assert button(signed_in) == "Open “Spring”"
    draft.delete()
    quiz = hold_quiz(dataset)
    assert button(signed_in) == "Get the link"
    Quiz.objects.filter(pk=quiz.pk).update(closed_at=timezone.now())
    assert button(signed_in) == "Score micrographs"


def test_few_unlabelled_micrographs_wait_once_each_class_has_ten(signed_in: Client, dataset: Dataset) -> None:
    add(dataset, "ferrite", 9)
    add(dataset, "pearlite", 10)
    add(dataset, number=5)
    assert button(signed_in) == "Label 5 micrographs"
    add(dataset, "ferrite")
    assert button(signed_in) == "Train the model"
    assert steps(signed_in)["label"] == ("20 of 25", "open")


def test_a_dataset_without_classes_asks_for_them(signed_in: Client, dataset: Dataset) -> None:
    dataset.material_classes.all().delete()
    add(dataset)
    assert button(signed_in) == "Add classes"


def test_the_steps_count_what_there_is(signed_in: Client, dataset: Dataset) -> None:
    add(dataset, "ferrite", 3, split="train")
    add(dataset, "pearlite", 2, split="quiz")
    add(dataset, number=2, pixels_per_micrometre=None, scale_source="")
    add(dataset, state=Micrograph.State.READING, pixels_per_micrometre=None, scale_source="")
    assert steps(signed_in) == {
        "upload": ("8", "running"),
        "scale": ("5 of 7", "needed"),
        "split": ("3 + 2", "done"),
        "label": ("5 of 7", "needed"),
        "train": ("0", "needed"),
        "quiz": ("0", "needed"),
    }


def test_a_click_sets_a_quarter_aside_and_trains(signed_in: Client, dataset: Dataset) -> None:
    add(dataset, "ferrite", 8)
    add(dataset, "pearlite", 4)
    action = signed_in.get(ADDRESS).context["next"]
    answer = signed_in.post(action.url, action.form)
    version = dataset.model_versions.get()
    assert answer.url == f"/datasets/steels/training/{version.number}/"
    in_quiz = dataset.micrographs.filter(split="quiz")
    assert (in_quiz.filter(material_class__name="ferrite").count(), in_quiz.count()) == (2, 3)
    assert dataset.micrographs.filter(split="train").count() == 9


def test_a_split_that_somebody_made_stays(signed_in: Client, dataset: Dataset) -> None:
    add(dataset, "ferrite", 8, split="train")
    add(dataset, "pearlite", 8)
    action = signed_in.get(ADDRESS).context["next"]
    signed_in.post(action.url, action.form)
    assert dataset.micrographs.filter(split="train").count() == 16


@pytest.mark.parametrize("role", [Role.VIEWER, Role.LABELLER])
def test_who_may_not_train_takes_the_quiz_or_looks(dataset: Dataset, owner: User, role: str) -> None:
    add(dataset, "ferrite", 10)
    add(dataset, "pearlite", 10)
    client = member(dataset, owner, role)
    assert button(client) == "Look at the micrographs"
    train(dataset)
    assert button(client) == "See the scores"
    hold_quiz(dataset)
    assert button(client) == "Take the quiz"


def test_a_labeller_labels_first(dataset: Dataset, owner: User) -> None:
    add(dataset, number=2)
    assert button(member(dataset, owner, Role.LABELLER)) == "Label 2 micrographs"


def test_accuracy_is_shown_with_its_interval_and_the_number_of_micrographs(signed_in: Client, dataset: Dataset) -> None:
    train(dataset, metrics={"held_out": 27, "accuracy": 0.741, "interval": [0.55, 0.87]})
    page = " ".join(signed_in.get(ADDRESS).text.split())
    assert "74 % of 27 held-out micrographs were classified correctly." in page
    assert "95 % interval 55 % to 87 %" in page


def test_owners_alone_read_the_last_activity(signed_in: Client, dataset: Dataset, owner: User) -> None:
    services.add_material_class(dataset=dataset, name="bainite")
    assert "Last activity" in signed_in.get(ADDRESS).text
    assert "Last activity" not in member(dataset, owner, Role.CURATOR).get(ADDRESS).text


def test_what_runs_is_live_and_sent_again_only_when_something_has_changed(signed_in: Client, dataset: Dataset) -> None:
    version = train(dataset, Job.State.RUNNING, progress=0.4, progress_message="step 4 of 10")
    first = signed_in.get(f"{ADDRESS}now/")
    assert "step 4 of 10" in first.text
    assert "every 2s" in first.text
    assert signed_in.get(f"{ADDRESS}now/", headers={"if-none-match": first["ETag"]}).status_code == 304
    version.delete()
    assert "every 2s" not in signed_in.get(f"{ADDRESS}now/", headers={"if-none-match": first["ETag"]}).text


def test_more_micrographs_quizzes_and_versions_cost_no_more_queries(signed_in: Client, dataset: Dataset) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            signed_in.get(ADDRESS)
        return len(captured)

    add(dataset, "ferrite", 2, split="train")
    train(dataset)
    hold_quiz(dataset)
    queries()
    before = queries()
    add(dataset, "pearlite", 20, split="quiz")
    for _ in range(5):
        train(dataset, Job.State.FAILED)
        hold_quiz(dataset)
        hold_quiz(dataset, opened=False)
    assert queries() == before < 40
