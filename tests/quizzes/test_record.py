"""What opening demands and fixes, and that the record is verified by a page, a command and a hash alone."""

import hashlib
import json
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.test import Client

from microdb.errors import MicroDBError
from microdb.micrographs.models import MaterialClass, Micrograph
from microdb.micrographs.services import freeze_dataset
from microdb.micrographs.services.classes import describe_material_class
from microdb.quizzes.composition.integrity import first_format_sha256, verify
from microdb.quizzes.composition.readiness import warnings
from microdb.quizzes.models import ModelAnswer, Option, Quiz
from microdb.quizzes.services import change_draft, create_quiz, declare_endpoint, open_quiz
from microdb.training.models import ModelVersion


@pytest.fixture
def answered(draft: Quiz, version: ModelVersion, held_out: list[Micrograph], score: Callable[..., object]) -> Quiz:
    """The draft, whose model has answered every question."""
    for micrograph in held_out:
        score(version, micrograph, micrograph.label)
    return draft


def forget_specimens(version: ModelVersion, asked: Micrograph) -> None:
    """One question and one training micrograph name no specimen."""
    Micrograph.objects.filter(pk=asked.pk).update(specimen="")
    trained = version.dataset_version.entries.filter(split="train").first()
    version.dataset_version.entries.filter(pk=trained.pk).update(specimen="")


def test_unknown_specimens_stop_the_opening_until_somebody_vouches_for_them(answered, version, held_out, owner):
    forget_specimens(version, held_out[0])
    with pytest.raises(MicroDBError, match="1 question and 1 training micrograph name no specimen") as refused:
        open_quiz(quiz=answered, by=owner)
    assert refused.value.code == "specimens_unknown"
    assert Quiz.objects.get(pk=answered.pk).opened_at is None
    open_quiz(quiz=answered, by=owner, accepts_unknown_specimens=True)
    assert json.loads(answered.record)["unknown_specimens"] == {"by": "owner", "questions": 1, "training": 1}


def test_training_micrographs_alone_without_a_specimen_stop_the_opening_too(answered, version):
    version.dataset_version.entries.filter(split="train").update(specimen="")
    with pytest.raises(MicroDBError, match="0 questions and 4 training micrographs"):
        open_quiz(quiz=answered)


def test_the_page_asks_for_the_tick_and_the_results_repeat_it(answered, version, held_out, signed_in):
    forget_specimens(version, held_out[0])
    there = f"/quizzes/{answered.slug}/"
    assert 'name="accepts_unknown_specimens"' in signed_in.get(there).content.decode()
    page = signed_in.post(f"{there}open/", follow=True).content.decode()
    assert "tick the sentence" in page
    signed_in.post(f"{there}open/", {"accepts_unknown_specimens": "on"})
    for path in ("results/", "record/"):
        text = " ".join(signed_in.get(there + path).content.decode().split())
        assert "1 question and 1 training micrograph name no specimen" in text
        assert "owner stated that no question shows such a specimen" in text


def test_a_class_without_a_question_is_named_before_and_after(dataset, owner, version, held_out, score, signed_in):
    draft = create_quiz(dataset=dataset, title="One", micrographs=held_out[:3], competitors=[version], by=owner)
    assert "No question shows pearlite, none-of-these. The record will say so." in warnings(draft)
    for micrograph in held_out[:3]:
        score(version, micrograph, micrograph.label)
    open_quiz(quiz=draft)
    assert json.loads(draft.record)["classes_without_question"] == ["pearlite", "none-of-these"]
    assert "No question shows pearlite" in signed_in.get(f"/quizzes/{draft.slug}/results/").content.decode()


def test_answers_that_were_known_when_the_questions_were_chosen_are_told_and_recorded(
    dataset, owner, version, held_out, score, signed_in
):
    for micrograph in held_out[:3]:
        score(version, micrograph, micrograph.label)
    composer = " ".join(signed_in.get(f"/datasets/{dataset.slug}/quizzes/new/").content.decode().split())
    assert "Model version 1 has answered 3 of these micrographs" in composer
    assert "The record of the quiz and its results will say so." in composer
    late = create_quiz(dataset=dataset, title="Late", micrographs=held_out, competitors=[version], by=owner)
    assert late.answers_known == {"1": 3}
    for micrograph in held_out[3:]:
        score(version, micrograph, micrograph.label)
    open_quiz(quiz=late)
    assert json.loads(late.record)["answers_known"] == {"1": 3}
    assert "Model version 1 has answered 3 of these" in " ".join(
        signed_in.get(f"/quizzes/{late.slug}/results/").content.decode().split()
    )


def test_only_a_new_choice_of_questions_counts_the_answers_again(answered, version, held_out):
    assert answered.answers_known == {}
    same = {"micrographs": held_out, "competitors": [version]}
    change_draft(quiz=answered, title="A better title", **same)
    assert answered.answers_known == {}
    change_draft(quiz=answered, title="Fewer", **same | {"micrographs": held_out[:4]})
    assert answered.answers_known == {"1": 4}


def test_the_record_holds_everything_that_was_fixed_and_its_hash_is_the_published_one(answered, version, dataset):
    pearlite = dataset.material_classes.get(name="pearlite")
    describe_material_class(material_class=pearlite, description="Lamellae of ferrite and cementite.")
    Quiz.objects.filter(pk=answered.pk).update(analysis_plan="Model 1 against the experts.", completeness_percent=80)
    ModelVersion.objects.filter(pk=version.pk).update(artifact_sha256="a" * 64)
    answered.refresh_from_db()
    declare_endpoint(quiz=answered, model_version=version, margin_points=5)
    open_quiz(quiz=answered)
    record = json.loads(answered.record)
    assert answered.frozen_sha256 == hashlib.sha256(answered.record.encode()).hexdigest()
    assert {"label": "pearlite", "description": "Lamellae of ferrite and cementite.", "confused_with": []} in record[
        "options"
    ]
    assert [question["truth"] for question in record["questions"]].count("ferrite") == 3
    assert {question["specimen"] for question in record["questions"]} >= {"quiz-ferrite-0", "quiz-pearlite-2"}
    assert len(record["exemplars"]) == 4
    (competitor,) = record["competitors"]
    assert (competitor["version"], competitor["artifact_sha256"], len(competitor["answers"])) == (1, "a" * 64, 7)
    assert record["analysis"]["plan"] == "Model 1 against the experts."
    assert record["analysis"]["primary_endpoint"] == {"version": 1, "panel": "expert", "margin": 0.05}
    assert "averaged over" in record["analysis"]["measure"]
    assert (record["settings"]["completeness_percent"], record["answers_needed"]) == (80, 6)
    assert record["settings"]["truths_shown"] == "after_sitting"


def tamper_answer(quiz: Quiz) -> None:
    ModelAnswer.objects.filter(question__quiz=quiz, predicted="ferrite").update(predicted="pearlite")


def tamper_truth(quiz: Quiz) -> None:
    quiz.questions.filter(position=0).update(truth=Option.objects.get(quiz=quiz, label="pearlite"))


def tamper_rule(quiz: Quiz) -> None:
    Quiz.objects.filter(pk=quiz.pk).update(completeness_percent=10)


def tamper_examples(quiz: Quiz) -> None:
    quiz.exemplars.all()[0].delete()


def tamper_model(quiz: Quiz) -> None:
    quiz.competitors.update(artifact_sha256="b" * 64)


@pytest.mark.parametrize(
    ("tamper", "section"),
    [
        (tamper_answer, "competitors"),
        (tamper_truth, "questions"),
        (tamper_rule, "settings"),
        (tamper_examples, "exemplars"),
        (tamper_model, "competitors"),
    ],
)
def test_whatever_is_changed_afterwards_is_named(quiz, signed_in, capsys, tamper, section):
    assert verify(quiz).intact
    call_command("verify_quiz", quiz.slug)
    assert quiz.frozen_sha256 in capsys.readouterr().out
    assert "Verified" in signed_in.get(f"/quizzes/{quiz.slug}/record/").content.decode()
    tamper(quiz)
    changed = Quiz.objects.get(pk=quiz.pk)
    assert section in verify(changed).changed
    with pytest.raises(CommandError, match=f"differs from the record in: {section}"):
        call_command("verify_quiz", quiz.slug)
    page = " ".join(signed_in.get(f"/quizzes/{quiz.slug}/record/").content.decode().split())
    assert "differ from the record" in page
    assert section in page


def test_a_rewritten_record_does_not_have_the_published_hash(quiz, signed_in):
    Quiz.objects.filter(pk=quiz.pk).update(record=quiz.record.replace('"teaching": false', '"teaching":  false'))
    with pytest.raises(CommandError, match="does not have the published hash"):
        call_command("verify_quiz", quiz.slug)
    assert "The hash does not match" in signed_in.get(f"/quizzes/{quiz.slug}/record/").content.decode()


def test_the_downloaded_record_is_what_was_hashed_and_only_for_those_who_may_know_truths(
    quiz, signed_in, member, tmp_path
):
    downloaded = signed_in.get(f"/quizzes/{quiz.slug}/record.json")
    assert hashlib.sha256(downloaded.content).hexdigest() == quiz.frozen_sha256
    path = tmp_path / "record.json"
    path.write_bytes(downloaded.content)
    call_command("verify_quiz", quiz.slug, record=path, hash=quiz.frozen_sha256.upper())
    path.write_bytes(downloaded.content + b" ")
    with pytest.raises(CommandError, match="does not have the hash of this quiz"):
        call_command("verify_quiz", quiz.slug, record=path)
    with pytest.raises(CommandError, match="is not the one of this quiz"):
        call_command("verify_quiz", quiz.slug, hash="0" * 64)
    viewer = Client()
    viewer.force_login(member("viewer"))
    assert viewer.get(f"/quizzes/{quiz.slug}/record.json").status_code == 404
    assert viewer.get(f"/quizzes/{quiz.slug}/record/").status_code == 200
    assert Client().get(f"/quizzes/{quiz.slug}/record/").status_code == 404


def test_a_model_file_that_is_gone_or_changed_is_told(quiz, version):
    version.artifact_sha256 = hashlib.sha256(b"weights").hexdigest()
    version.artifact.save("model.bin", ContentFile(b"other weights"))
    with pytest.raises(CommandError, match="The file of model version 1 has been changed"):
        call_command("verify_quiz", quiz.slug)
    version.artifact.storage.delete(version.artifact.name)
    with pytest.raises(CommandError, match="The file of model version 1 is missing"):
        call_command("verify_quiz", quiz.slug)


def test_an_unknown_quiz_is_answered_with_the_known_ones(quiz):
    with pytest.raises(CommandError, match=f"Opened quizzes: {quiz.slug}"):
        call_command("verify_quiz", "nothing")


def test_a_quiz_opened_before_records_were_kept_is_verified_by_its_own_format(quiz, signed_in):
    Quiz.objects.filter(pk=quiz.pk).update(record="", frozen_sha256=first_format_sha256(quiz))
    old = Quiz.objects.get(pk=quiz.pk)
    assert (verify(old).record_format, verify(old).intact) == (1, True)
    call_command("verify_quiz", quiz.slug)
    assert "in format 1" in " ".join(signed_in.get(f"/quizzes/{quiz.slug}/record/").content.decode().split())
    tamper_answer(quiz)
    assert not verify(old).intact


def test_what_changes_in_the_dataset_afterwards_leaves_the_record_intact(quiz, dataset, held_out):
    MaterialClass.objects.filter(dataset=dataset, name="ferrite").update(name="alpha iron", description="New words.")
    Micrograph.objects.filter(pk=held_out[0].pk).update(specimen="renamed", pixels_per_micrometre=9.0)
    freeze_dataset(dataset=dataset)
    assert verify(Quiz.objects.get(pk=quiz.pk)).intact
