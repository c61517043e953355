"""The data of the question page: the reader's questions and answers, and the examples.

Two hundred readers may load it within seconds, so what is the same for all of them is made once in each process.
"""

from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from microdb.quizzes.models import Ballot, Question, Quiz
from microdb.quizzes.sitting.frozen import QUIZZES_AT_HAND, frozen
from microdb.quizzes.sitting.guides import class_guides
from microdb.quizzes.sitting.pace import SECONDS_PER_QUESTION
from microdb.quizzes.sitting.simulation import CONFIDENCES

UNANSWERED = {"choice": "", "confidence": None, "stamp": ""}


def sheet(ballot: Ballot) -> list[dict[str, Any]]:
    """The questions in the reader's order, with only what the reader may know."""
    answers = {
        answer.question_id: {"choice": answer.choice, "confidence": answer.confidence, "stamp": answer.stamp}
        for answer in ballot.answers.all()
    }
    quiz, where = ballot.quiz, [ballot.quiz.slug, ballot.key]
    first = reverse("quizzes:ballot_question", args=[*where, 1]).removesuffix("1/")  # once: reversing takes its time
    lines = []
    for number, (pk, shown) in enumerate(ballot.in_order(_shown(quiz.pk, quiz.frozen_sha256)), start=1):
        truth = reverse("quizzes:ballot_reveal", args=[*where, shown["key"]]) if quiz.teaching else ""
        place = {"number": number, "address": f"{first}{number}/", "truth": truth}
        lines.append(shown | place | answers.get(pk, UNANSWERED))
    return lines


def question_context(
    quiz: Quiz, lines: list[dict[str, Any]], number: int, seconds_left: float | None
) -> dict[str, Any]:
    """What the question page shows, of a sitting or of a preview."""
    return {
        "quiz": quiz,
        "number": number,
        "question": lines[number - 1],
        "count": len(lines),
        "answered": sum(bool(line["choice"]) for line in lines),
        "previous": lines[number - 2]["address"] if number > 1 else "",
        "next": lines[number]["address"] if number < len(lines) else "",
        "confidences": CONFIDENCES if quiz.asks_confidence else (),
        "sheet": {"questions": lines, "secondsLeft": seconds_left, "usualSeconds": SECONDS_PER_QUESTION},
    }


def guides_html(quiz: Quiz) -> SafeString:
    """The definitions and examples of an opened quiz, the same for every reader."""
    return _guides_html(quiz.pk, quiz.frozen_sha256, get_language())


@lru_cache(maxsize=QUIZZES_AT_HAND)
def _shown(pk: int, _sha256: str) -> tuple[tuple[int, dict[str, Any]], ...]:
    return tuple((question.pk, question_line(question)) for question in frozen(Quiz.objects.get(pk=pk)).questions)


def question_line(question: Question) -> dict[str, Any]:
    """What every reader may know of a question."""
    return {
        "key": str(question.key),
        "image": reverse("quizzes:question_image", args=[question.key]),
        "width": question.micrograph.width,
        "height": question.micrograph.height,
        "pixels_per_micrometre": question.pixels_per_micrometre,
        "micrometres_wide": question.micrometres_wide,
    }


@lru_cache(maxsize=QUIZZES_AT_HAND)
def _guides_html(pk: int, _sha256: str, _language: str | None) -> SafeString:
    return render_to_string("quizzes/_class_guides.html", {"guides": class_guides(Quiz.objects.get(pk=pk))})
