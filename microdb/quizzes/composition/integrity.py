"""Hashes of a quiz: of the truth that curators sign, and of the record that is fixed when it opens."""

import hashlib
import json
from dataclasses import dataclass

from microdb.quizzes.composition.record import record_of, record_text
from microdb.quizzes.models import ModelAnswer, Quiz, SignOff

SIGN_OFFS = 2
"""Curators who must sign the truth, where a quiz needs it."""


def truth_sha256(quiz: Quiz) -> str:
    """SHA-256 of a draft's questions with their present labels and scales, which curators sign."""
    questions = quiz.questions.select_related("micrograph__material_class")
    document = [[q.micrograph.sha256, q.micrograph.label, q.micrograph.pixels_per_micrometre] for q in questions]
    return text_sha256(json.dumps(document))


def valid_sign_offs(quiz: Quiz) -> list[SignOff]:
    """The sign-offs of the truth as it is now."""
    given = list(quiz.sign_offs.select_related("user"))
    now = truth_sha256(quiz) if given else ""
    return [sign_off for sign_off in given if sign_off.truth_sha256 == now]


@dataclass(frozen=True)
class Verification:
    """Whether a record has the published hash, and the sections in which today's rows differ from it."""

    record_format: int
    hash_holds: bool
    changed: list[str]

    @property
    def intact(self) -> bool:
        return self.hash_holds and not self.changed


def verify(quiz: Quiz) -> Verification:
    """Check an opened quiz against the hash from its opening, by the format that its record has."""
    if not quiz.record:
        return Verification(1, first_format_sha256(quiz) == quiz.frozen_sha256, [])
    stored, now = json.loads(quiz.record), json.loads(record_text(record_of(quiz)))
    changed = sorted(name for name in stored.keys() | now.keys() if stored.get(name) != now.get(name))
    return Verification(stored["format"], text_sha256(quiz.record) == quiz.frozen_sha256, changed)


def text_sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def first_format_sha256(quiz: Quiz) -> str:
    """The hash of quizzes that were opened before records were kept: of questions, truth and the models' answers."""
    questions = quiz.questions.select_related("micrograph", "truth")
    answers = ModelAnswer.objects.filter(question__quiz=quiz).select_related("question")
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
    return text_sha256(json.dumps(document, sort_keys=True))
