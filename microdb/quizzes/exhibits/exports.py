"""A quiz's answers for other software: a long table, the file format of iMRMC, and everything as one JSON document."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from microdb.quizzes.exhibits import Exhibit
from microdb.quizzes.models import Answer, Ballot, ModelAnswer, Question, Quiz
from microdb.quizzes.reports import Report
from microdb.quizzes.reports.answer_matrix import AnswerMatrix, probability_of
from microdb.quizzes.reports.cautions import cautions
from microdb.quizzes.reports.headlines import headline

COLUMNS = [
    "reader",
    "panel",
    "years_of_experience",
    "simulated",
    "question",
    "shown_as",
    "filename",
    "specimen",
    "pixels_per_micrometre",
    "truth",
    "answer",
    "right",
    "confidence",
    "active_ms",
    "answered_at",
]
"""``reader`` is a number in the order of beginning, or ``model-3`` for version 3; ``shown_as`` is the place of the
question in the reader's own order; ``confidence`` is in per cent, of a model the probability of its answer."""
NICKNAME = "nickname"
NEUTRAL_CASES = 2


def answer_rows(quiz: Quiz, ballots: Iterable[Ballot], *, with_names: bool = False) -> Iterator[Sequence[object]]:
    """The header, then one row per reader and answered question of these ballots, then the models' rows."""
    yield [*COLUMNS, NICKNAME] if with_names else COLUMNS
    sat = list(ballots)
    numbers = {ballot.pk: number for number, ballot in enumerate(sat, start=1)}
    questions = list(quiz.questions.values_list("pk", flat=True))
    shown = {b.pk: {pk: place for place, pk in enumerate(b.in_order(questions), start=1)} for b in sat}
    answers = Answer.objects.filter(ballot__in=numbers)
    answers = answers.select_related("ballot", "question__micrograph__material_class", "question__truth", "option")
    for answer in answers.order_by("ballot__started_at", "ballot", "question__position").iterator(chunk_size=2000):
        ballot, question = answer.ballot, answer.question
        cells = [
            numbers[ballot.pk],
            ballot.panel,
            ballot.years_of_experience,
            int(ballot.simulated),
            *_of_question(question, shown[ballot.pk][question.pk]),
            answer.label,
            int(answer.option_id == question.truth_id),
            answer.confidence,
            answer.active_ms,
            answer.answered_at.isoformat(),
        ]
        yield [*cells, ballot.nickname] if with_names else cells
    yield from _model_rows(quiz, with_names=with_names)


def _model_rows(quiz: Quiz, *, with_names: bool) -> Iterator[Sequence[object]]:
    answers = ModelAnswer.objects.of_quiz(quiz)
    for answer in answers.select_related("question__micrograph__material_class", "question__truth", "model_version"):
        question = answer.question
        cells = [
            f"model-{answer.model_version.number}",
            "model",
            None,
            0,
            *_of_question(question, None),
            answer.predicted,
            int(answer.predicted == question.truth_label),
            round(100 * probability_of(answer, answer.predicted), 3),
            None,
            None,
        ]
        yield [*cells, None] if with_names else cells


def _of_question(question: Question, shown_as: int | None) -> list[object]:
    return [
        question.position + 1,
        shown_as,
        question.micrograph.filename,
        question.micrograph.specimen,
        question.pixels_per_micrometre,
        question.truth_label,
    ]


def imrmc_lines(matrix: AnswerMatrix) -> Iterator[str]:
    """The right and wrong answers as a file that iMRMC reads (FDA, https://github.com/DIDSR/iMRMC).

    As in its own example of binary data, every question is a case with the signal, scored 1 if answered right and 0 if
    not, and neutral cases without the signal score 0.5; its area under the curve is then the accuracy. Each panel is a
    modality. A model is a modality with the panel's readers, who all give the model's answers: the difference of the
    two modalities is the model against the panel.
    """
    rows = list(_imrmc_rows(matrix))
    questions = len(matrix.questions)
    yield f"MicroDB quiz {matrix.quiz.slug}, SHA-256 {matrix.quiz.frozen_sha256}\n"
    yield f"NR: {len({reader for reader, _case, _modality, _score in rows})}\n"
    yield f"N0: {NEUTRAL_CASES}\n"
    yield f"N1: {questions}\n"
    yield f"NM: {len({modality for _reader, _case, modality, _score in rows})}\n"
    yield "\nBEGIN DATA:\n"
    for case in range(1, questions + NEUTRAL_CASES + 1):
        yield f"-1,{case},truth,{int(case <= questions)}\n"
    for reader, case, modality, score in rows:
        yield f"{reader},{case},{modality},{score:g}\n"


def _imrmc_rows(matrix: AnswerMatrix) -> Iterator[tuple[int, int, str, float]]:
    """Reader, case, modality and score."""
    questions = len(matrix.questions)
    for panel, mask in matrix.panels():
        modalities = {panel.value: matrix.right[mask]}
        for competitor in matrix.competitors:
            answered = np.where(np.isnan(matrix.right[mask]), np.nan, competitor.right)
            modalities[f"model-{competitor.number}-for-{panel.value}"] = answered
        for modality, scores in modalities.items():
            for reader, row in zip(np.nonzero(mask)[0], scores, strict=True):
                for column in np.nonzero(~np.isnan(row))[0]:
                    yield int(reader) + 1, int(column) + 1, modality, float(row[column])
                for case in range(questions + 1, questions + NEUTRAL_CASES + 1):
                    yield int(reader) + 1, case, modality, 0.5


def exhibit_rows(exhibit: Exhibit) -> Iterator[Sequence[object]]:
    """The header and the rows of one exhibit."""
    yield [column.label for column in exhibit.columns]
    yield from exhibit.rows


def everything(quiz: Quiz, report: Report, ballots: Iterable[Ballot], *, with_names: bool = False) -> bytes:
    """One JSON document: the report, the models' fixed answers and every reader's answers."""
    header, *rows = answer_rows(quiz, ballots, with_names=with_names)
    document: dict[str, Any] = {
        "headline": headline(report),
        "cautions": cautions(report, sees_truth=True),
        "report": report,
        "model_answers": _model_answers(quiz),
        "answers": [dict(zip(map(str, header), map(_text, row), strict=True)) for row in rows if row[1] != "model"],
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
