"""A quiz's answers as a long table for other software, and everything as one JSON document."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from microdb.quizzes.exhibits import Exhibit
from microdb.quizzes.models import Answer, Ballot, ModelAnswer, Quiz
from microdb.quizzes.reports import Report
from microdb.quizzes.reports.headlines import headline

COLUMNS = [
    "reader",
    "nickname",
    "panel",
    "years_of_experience",
    "simulated",
    "question",
    "filename",
    "pixels_per_micrometre",
    "truth",
    "answer",
    "right",
    "confidence",
    "active_ms",
    "answered_at",
]


def answer_rows(quiz: Quiz, ballots: Iterable[Ballot]) -> Iterator[Sequence[object]]:
    """The header, then one row per reader and answered question of these ballots."""
    yield COLUMNS
    answers = Answer.objects.filter(ballot__quiz=quiz, ballot__in=[ballot.pk for ballot in ballots])
    answers = answers.select_related("ballot", "question__micrograph", "question__truth", "option")
    for answer in answers.order_by("ballot", "question__position").iterator(chunk_size=2000):
        ballot, question = answer.ballot, answer.question
        cells = [
            ballot.pk,
            ballot.nickname,
            ballot.panel,
            ballot.years_of_experience,
            int(ballot.simulated),
            question.position + 1,
            question.micrograph.filename,
            question.pixels_per_micrometre,
            question.truth_label,
            answer.label,
            int(answer.option_id == question.truth_id),
            answer.confidence,
            answer.active_ms,
            answer.answered_at.isoformat(),
        ]
        yield cells


def exhibit_rows(exhibit: Exhibit) -> Iterator[Sequence[object]]:
    """The header and the rows of one exhibit."""
    yield [column.label for column in exhibit.columns]
    yield from exhibit.rows


def everything(quiz: Quiz, report: Report, ballots: Iterable[Ballot]) -> bytes:
    """One JSON document: the report, the models' fixed answers and every reader's answers."""
    _header, *rows = answer_rows(quiz, ballots)
    document: dict[str, Any] = {
        "headline": headline(report),
        "report": report,
        "model_answers": _model_answers(quiz),
        "answers": [dict(zip(COLUMNS, map(_text, row), strict=True)) for row in rows],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1)


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _model_answers(quiz: Quiz) -> list[dict[str, Any]]:
    return [
        {
            "question": answer.question.position + 1,
            "model_version": answer.model_version.number,
            "predicted": answer.predicted,
            "none_of_these": answer.none_of_these,
            "probabilities": answer.probabilities,
        }
        for answer in ModelAnswer.objects.of_quiz(quiz).select_related("question")
    ]
