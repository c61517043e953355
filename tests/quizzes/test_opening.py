"""Composing a quiz, what stops it from opening, and what opening fixes."""

import hashlib

import pytest

from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Change, Micrograph, NearDuplicate
from microdb.micrographs.services import freeze_dataset, set_label
from microdb.micrographs.services.near_duplicates import dismiss_near_duplicate
from microdb.quizzes.composition.candidates import balanced_draw, choose_exemplars
from microdb.quizzes.composition.integrity import verify
from microdb.quizzes.composition.leakage import leak_of
from microdb.quizzes.composition.readiness import warnings
from microdb.quizzes.models import ModelAnswer
from microdb.quizzes.services import close_quiz, create_quiz, delete_draft, open_quiz, request_model_answers, sign_truth
from microdb.scoring.models import Score


def test_exemplars_are_training_micrographs_of_specimens_outside_the_quiz(dataset, draft, add):
    assert {e.micrograph.split for e in draft.exemplars.all()} == {"train"}
    assert draft.exemplars.count() == 4
    add("ferrite", "train", "quiz-ferrite-0")
    asked = [question.micrograph for question in draft.questions.all()]
    assert "quiz-ferrite-0" not in {m.specimen for m in choose_exemplars(dataset, asked)}


def test_a_balanced_draw_spreads_over_classes_and_specimens(add):
    micrographs = [add("ferrite", "quiz", specimen) for specimen in "aaaab"] + [add("pearlite", "quiz", "c")]
    drawn = balanced_draw(micrographs, per_class=2, seed=1)
    assert sorted(m.specimen for m in drawn) == ["a", "b", "c"]


def test_a_question_that_a_competitor_was_trained_on_is_refused_by_name(dataset, owner, version, held_out):
    leaked = dataset.micrographs.filter(split="train").first()
    with pytest.raises(MicroDBError, match="telltale") as refused:
        create_quiz(dataset=dataset, title="Leaky", micrographs=[*held_out, leaked], competitors=[version], by=owner)
    assert refused.value.code == "leak"
    assert leaked.filename in refused.value.message


def test_a_question_of_a_trained_specimen_is_refused_also_for_none_of_these(draft, held_out):
    unknown = held_out[-1]
    Micrograph.objects.filter(pk=unknown.pk).update(specimen="train-ferrite-0")
    with pytest.raises(MicroDBError, match="train-ferrite-0") as refused:
        request_model_answers(quiz=draft)
    assert unknown.filename in refused.value.message


def test_a_question_that_trained_as_an_example_of_none_of_these_leaks(dataset, owner, version, held_out, add):
    example = add("none-of-these", "train", "other-material")
    version.dataset_version = freeze_dataset(dataset=dataset)
    version.save()
    assert leak_of([example], version).all == []  # a version of before did not train on it
    version.metrics["none_of_these"] = 1
    assert leak_of([example], version).seen == [example]
    sibling = add("none-of-these", "quiz", "other-material")
    assert leak_of([sibling], version).by_specimen == [sibling]


def test_a_near_duplicate_of_a_trained_micrograph_leaks_until_somebody_says_that_they_differ(draft, held_out, owner):
    trained = draft.dataset.micrographs.filter(split="train").first()
    first, second = sorted([trained, held_out[0]], key=lambda one: str(one.pk))
    pair = NearDuplicate.objects.create(first=first, second=second, kind=NearDuplicate.Kind.NEAR, differing_bits=4)
    with pytest.raises(MicroDBError, match="near-duplicate") as refused:
        request_model_answers(quiz=draft)
    assert held_out[0].filename in refused.value.message
    assert trained not in choose_exemplars(draft.dataset, held_out)
    dismiss_near_duplicate(pair=pair, by=owner)
    assert request_model_answers(quiz=draft)


def test_examples_chosen_by_hand_are_no_questions_and_not_of_their_specimens(dataset, owner, version, held_out, add):
    good = dataset.micrographs.filter(split="train").first()
    same_specimen = add("ferrite", "train", "quiz-ferrite-0")
    fields = {"dataset": dataset, "title": "E", "micrographs": held_out, "competitors": [version], "by": owner}
    for bad in (held_out[0], same_specimen):
        with pytest.raises(MicroDBError, match="can't be examples"):
            create_quiz(exemplars=[good, bad], **fields)
    shown = create_quiz(exemplars=[good], **fields).exemplars.all()
    assert [e.micrograph for e in shown if e.material_class == good.material_class] == [good]
    assert {e.material_class.name for e in shown} == {"ferrite", "pearlite"}  # readers see every class


def test_a_quiz_that_needs_it_opens_only_with_the_signatures_of_two_curators(
    draft, version, held_out, owner, score, member
):
    draft.needs_sign_off = True
    draft.save()
    for micrograph in held_out:
        score(version, micrograph, "ferrite")
    for _twice in range(2):
        sign_truth(quiz=draft, by=owner)
    with pytest.raises(MicroDBError, match="signatures of 2 curators; it has 1"):
        open_quiz(quiz=draft)
    sign_truth(quiz=draft, by=member("curator"))
    set_label(micrographs=Micrograph.objects.filter(pk=held_out[0].pk), label="pearlite", by=owner)
    with pytest.raises(MicroDBError, match="it has 0"):  # they signed another truth
        open_quiz(quiz=draft)
    for curator in draft.sign_offs.all():
        sign_truth(quiz=draft, by=curator.user)
    assert open_quiz(quiz=draft).is_open
    with pytest.raises(MicroDBError, match="fixed already"):
        sign_truth(quiz=draft, by=owner)


def test_micrographs_that_can_not_be_asked_are_refused_in_a_sentence(dataset, owner, version, held_out, add):
    def create(*micrographs, **fields):
        create_quiz(dataset=dataset, title="Bad", micrographs=micrographs, competitors=[version], by=owner, **fields)

    with pytest.raises(MicroDBError, match="without a label"):
        create(add("", "quiz", "x"))
    with pytest.raises(MicroDBError, match="without a scale"):
        create(add("ferrite", "quiz", "y", pixels_per_micrometre=None))
    with pytest.raises(MicroDBError, match="does not offer"):
        create(held_out[-1], offers_none_of_these=False)
    with pytest.raises(MicroDBError, match="1 to 500 questions; 0"):
        create()


def test_a_quiz_needs_a_trained_competitor(dataset, owner, version, held_out):
    version.state, version.is_active = Job.State.FAILED, False
    version.save()
    for competitors in ([], [version]):
        with pytest.raises(MicroDBError, match="at least one competing model version"):
            create_quiz(dataset=dataset, title="Alone", micrographs=held_out, competitors=competitors, by=owner)


def test_a_quiz_opens_only_when_the_models_have_answered_everything(draft, version, held_out, score):
    with pytest.raises(MicroDBError, match="answered 0 of 7"):
        open_quiz(quiz=draft)
    requested = request_model_answers(quiz=draft)
    assert {s.micrograph_id for s in requested} == {m.pk for m in held_out}
    assert request_model_answers(quiz=draft) == []
    Score.objects.all().delete()
    for micrograph in held_out:
        score(version, micrograph, "ferrite")
    assert open_quiz(quiz=draft).is_open


def test_opening_fixes_truth_answers_and_dataset_version_under_a_hash(quiz, version):
    answers = ModelAnswer.objects.filter(question__quiz=quiz)
    assert answers.count() == 7
    assert all(answer.saliency for answer in answers)
    assert quiz.dataset_version is not None
    assert quiz.frozen_sha256 == hashlib.sha256(quiz.record.encode()).hexdigest()
    assert verify(quiz).intact
    answers.filter(question__position=0).update(predicted="pearlite")
    assert verify(quiz).changed == ["competitors"]


def test_a_label_changed_after_opening_changes_no_truth(quiz, held_out, owner):
    set_label(micrographs=Micrograph.objects.filter(pk=held_out[0].pk), label="pearlite", by=owner)
    assert Change.objects.filter(micrograph=held_out[0], field="label", new="pearlite").exists()
    assert quiz.questions.get(position=0).truth_label == "ferrite"


def test_a_label_corrected_before_opening_is_the_truth(draft, version, held_out, owner, score):
    set_label(micrographs=Micrograph.objects.filter(pk=held_out[0].pk), label="pearlite", by=owner)
    for micrograph in held_out:
        score(version, micrograph, "ferrite")
    assert open_quiz(quiz=draft).questions.get(position=0).truth_label == "pearlite"


def test_opening_twice_changes_nothing(quiz):
    opened_at, sha256 = quiz.opened_at, quiz.frozen_sha256
    open_quiz(quiz=quiz)
    assert (quiz.opened_at, quiz.frozen_sha256) == (opened_at, sha256)
    assert ModelAnswer.objects.filter(question__quiz=quiz).count() == 7


def test_without_none_of_these_the_model_too_chooses_a_class(dataset, owner, version, held_out, score):
    quiz = create_quiz(
        dataset=dataset,
        title="Classes only",
        micrographs=held_out[:1],
        competitors=[version],
        by=owner,
        offers_none_of_these=False,
    )
    answer = score(version, held_out[0], "none-of-these")
    answer.probabilities = {"ferrite": 0.3, "pearlite": 0.2}
    answer.save()
    assert open_quiz(quiz=quiz).questions.get().model_answers.get().predicted == "ferrite"


def test_scales_and_classes_that_a_competitor_never_saw_are_warned_of(draft, version, held_out):
    assert warnings(draft) == []
    version.metrics, version.classes = {"scale_range": [5.0, 10.0]}, ["ferrite"]
    version.save()
    scale, unknown = warnings(draft)
    assert "from 5 to 10 pixels per micrometre" in scale
    assert "and 2 more" in scale
    assert "does not know the class pearlite" in unknown


def test_an_opened_quiz_is_kept_and_a_draft_can_go(draft, version, held_out, score):
    for micrograph in held_out:
        score(version, micrograph, "ferrite")
    with pytest.raises(MicroDBError, match="not open yet"):
        close_quiz(quiz=draft)
    open_quiz(quiz=draft)
    with pytest.raises(MicroDBError, match="answers are kept"):
        delete_draft(quiz=draft)


def test_the_frozen_dataset_version_is_that_of_the_opening(quiz, dataset):
    assert quiz.dataset_version == freeze_dataset(dataset=dataset)
