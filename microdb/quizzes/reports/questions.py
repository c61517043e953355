"""The votes on every question (the paper's tables S7 and S8)."""

import numpy as np

from microdb.accounts.models import Panel
from microdb.quizzes.models import UNSURE, ModelAnswer
from microdb.quizzes.reports.answer_matrix import UNKNOWN, UNSURE_CODE, AnswerMatrix
from microdb.quizzes.reports.report import ModelAnswerRow, QuestionResult, Vote


def question_results(matrix: AnswerMatrix) -> list[QuestionResult]:
    experts, others = matrix.codes[matrix.rows_of(Panel.EXPERT)], matrix.codes[matrix.rows_of(Panel.NON_EXPERT)]
    shares = [_shares(matrix, panel) for panel in (Panel.EXPERT, Panel.NON_EXPERT)]
    maps = set(
        ModelAnswer.objects.filter(question__quiz=matrix.quiz)
        .exclude(saliency="")
        .values_list("question_id", "model_version__number")
    )
    found = []
    for column, question in enumerate(matrix.questions):
        votes = [
            Vote(
                label=label,
                is_truth=bool(code == matrix.truth[column]),
                experts=int((experts[:, column] == code).sum()),
                non_experts=int((others[:, column] == code).sum()),
                probabilities=tuple(float(r.probabilities[column, code]) for r in matrix.competitors if code >= 0),
            )
            for code, label in [*enumerate(matrix.options), (UNSURE_CODE, UNSURE)]
        ]
        found.append(
            QuestionResult(
                number=question.position + 1,
                key=str(question.key),
                micrograph=str(question.micrograph_id),
                filename=question.micrograph.filename,
                truth=matrix.options[matrix.truth[column]],
                votes=votes,
                expert_share=shares[0][column],
                non_expert_share=shares[1][column],
                models=_model_rows(matrix, column, maps),
            )
        )
    return found


def _model_rows(matrix: AnswerMatrix, column: int, maps: set[tuple[int, int]]) -> list[ModelAnswerRow]:
    question = matrix.questions[column]
    return [
        ModelAnswerRow(
            model_version=competitor.number,
            predicted=matrix.options[code] if (code := int(competitor.codes[column])) != UNKNOWN else "?",
            right=bool(competitor.right[column]),
            has_map=(question.pk, competitor.number) in maps,
        )
        for competitor in matrix.competitors
    ]


def _shares(matrix: AnswerMatrix, panel: Panel) -> list[float | None]:
    right = matrix.right[matrix.rows_of(panel)]
    answered = (~np.isnan(right)).sum(axis=0)
    return [
        float(good / count) if count else None for good, count in zip(np.nansum(right, axis=0), answered, strict=True)
    ]
