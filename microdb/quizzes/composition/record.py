"""The record of a quiz: everything that is fixed when it opens, as one JSON document whose SHA-256 is published."""

import json
from collections import defaultdict
from typing import Any

from microdb.micrographs.models import NONE_OF_THESE, DatasetVersionEntry
from microdb.quizzes.models import ModelAnswer, PrimaryEndpoint, Question, Quiz

RECORD_FORMAT = 2
"""Format 1 was a hash of questions, truth and answers without a stored document; see ``integrity``."""
SETTINGS = (
    "instructions",
    "consent_text",
    "offers_none_of_these",
    "shuffled",
    "asks_confidence",
    "teaching",
    "by_invitation",
    "needs_sign_off",
    "time_limit_minutes",
    "truths_shown",
    "completeness_percent",
)
MEASURE = (
    "For each competitor and each panel: accuracy, averaged over the readers who count and over the questions, both "
    "taken as random. An unsure answer is not right; a question without an answer is left out."
)


def record_of(quiz: Quiz) -> dict[str, Any]:
    """The document, from the rows as they are now. Its sections are what a verification names."""
    questions = list(quiz.questions.select_related("micrograph", "truth"))
    assert quiz.dataset_version
    return {
        "format": RECORD_FORMAT,
        "quiz": {"slug": quiz.slug, "title": quiz.title},
        "dataset": {
            "slug": quiz.dataset.slug,
            "version": quiz.dataset_version.number,
            "sha256": quiz.dataset_version.sha256,
        },
        "settings": {name: getattr(quiz, name) for name in SETTINGS},
        "options": list(quiz.options.values("label", "description", "confused_with")),
        "questions": _questions(quiz, questions),
        "exemplars": _exemplars(quiz),
        "competitors": _competitors(quiz),
        "analysis": {"measure": MEASURE, "primary_endpoint": _endpoint(quiz), "plan": quiz.analysis_plan},
        "answers_needed": quiz.answers_needed(len(questions)),
        "answers_known": quiz.answers_known,
        "unknown_specimens": quiz.unknown_specimens,
        "classes_without_question": classes_without_question(quiz, questions),
    }


def record_text(document: dict[str, Any]) -> str:
    """The text that is stored and hashed."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1)


def classes_without_question(quiz: Quiz, questions: list[Question]) -> list[str]:
    """The labels that no question shows, before and after the opening."""
    asked = {question.truth_label for question in questions}
    options = [option.label for option in quiz.options.all()]
    return [label for label in options or _future_labels(quiz) if label not in asked]


def _future_labels(quiz: Quiz) -> list[str]:
    """The labels that the options of a draft will have."""
    names = [material_class.name for material_class in quiz.dataset.material_classes.all()]
    return [*names, NONE_OF_THESE] if quiz.offers_none_of_these else names


def _endpoint(quiz: Quiz) -> dict[str, Any] | None:
    """None where none is declared: the comparisons are then equals, and p is corrected for all of them."""
    endpoint = PrimaryEndpoint.objects.of_quiz(quiz)
    return endpoint.record if endpoint else None


def _questions(quiz: Quiz, questions: list[Question]) -> list[dict[str, Any]]:
    entries = DatasetVersionEntry.objects.filter(version=quiz.dataset_version)
    specimens = dict(
        entries.filter(micrograph__in=[q.micrograph_id for q in questions]).values_list("micrograph", "specimen")
    )
    return [
        {
            "key": str(question.key),
            "micrograph_sha256": question.micrograph.sha256,
            "pixels_per_micrometre": question.pixels_per_micrometre,
            "specimen": specimens.get(question.micrograph_id, ""),
            "truth": question.truth_label,
        }
        for question in questions
    ]


def _exemplars(quiz: Quiz) -> list[dict[str, str]]:
    """Under the labels of the options, which outlive the classes' names."""
    labels = {option.material_class_id: option.label for option in quiz.options.all()}
    exemplars = quiz.exemplars.select_related("micrograph", "material_class")
    rows = [
        {"class": labels.get(e.material_class_id, e.material_class.name), "micrograph_sha256": e.micrograph.sha256}
        for e in exemplars
    ]
    return sorted(rows, key=lambda row: (row["class"], row["micrograph_sha256"]))


def _competitors(quiz: Quiz) -> list[dict[str, Any]]:
    answers: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for answer in ModelAnswer.objects.of_quiz(quiz).select_related("question"):
        answers[answer.model_version_id].append(
            {
                "question": str(answer.question.key),
                "predicted": answer.predicted,
                "none_of_these": answer.none_of_these,
                "probabilities": answer.probabilities,
            }
        )
    versions = quiz.competitors.select_related("dataset_version").order_by("number")
    return [
        {
            "version": version.number,
            "artifact_sha256": version.artifact_sha256,
            "dataset_version": version.dataset_version.number,
            "dataset_version_sha256": version.dataset_version.sha256,
            "answers": answers[version.pk],
        }
        for version in versions
    ]
