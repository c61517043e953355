"""Hashes of a quiz: of the truth that curators sign, and of everything that is fixed when it opens."""

import hashlib
import json
from collections.abc import Iterable

from microdb.quizzes.models import ModelAnswer, Question, Quiz, SignOff

SIGN_OFFS = 2
"""Curators who must sign the truth, where a quiz needs it."""


def truth_sha256(quiz: Quiz) -> str:
    """SHA-256 of a draft's questions with their present labels and scales, which curators sign."""
    questions = quiz.questions.select_related("micrograph__material_class")
    document = [[q.micrograph.sha256, q.micrograph.label, q.micrograph.pixels_per_micrometre] for q in questions]
    return hashlib.sha256(json.dumps(document).encode()).hexdigest()


def valid_sign_offs(quiz: Quiz) -> list[SignOff]:
    """The sign-offs of the truth as it is now."""
    return list(quiz.sign_offs.filter(truth_sha256=truth_sha256(quiz)).select_related("user"))


def is_intact(quiz: Quiz) -> bool:
    """Whether the rows of an opened quiz still have the hash from its opening."""
    questions = quiz.questions.select_related("micrograph", "truth")
    answers = ModelAnswer.objects.filter(question__quiz=quiz).select_related("question")
    return frozen_sha256(quiz, questions, answers) == quiz.frozen_sha256


def frozen_sha256(quiz: Quiz, questions: Iterable[Question], answers: Iterable[ModelAnswer]) -> str:
    """SHA-256 of questions, truth and the models' answers, as JSON with sorted keys."""
    document = {
        "quiz": quiz.slug,
        "questions": [
            {
                "key": str(question.key),
                "micrograph_sha256": question.micrograph.sha256,
                "pixels_per_micrometre": question.pixels_per_micrometre,
                "truth": question.truth_label,
            }
            for question in questions
        ],
        "answers": sorted(
            [
                str(answer.question.key),
                answer.model_version_id,
                answer.predicted,
                answer.none_of_these,
                json.dumps(answer.probabilities, sort_keys=True),
            ]
            for answer in answers
        ),
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
