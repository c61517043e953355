"""The votes on every question (the paper's tables S7 and S8)."""

import numpy as np

from microdb.accounts.models import Panel
from microdb.quizzes.models import UNSURE, ModelAnswer
from microdb.quizzes.reports.answer_matrix import UNKNOWN, UNSURE_CODE, Tally
from microdb.quizzes.reports.report import ModelAnswerRow, QuestionResult, Vote


def question_results(tally: Tally) -> list[QuestionResult]:
    experts, others = tally.codes[tally.rows_of(Panel.EXPERT)], tally.codes[tally.rows_of(Panel.NON_EXPERT)]
    shares = [_shares(tally, panel) for panel in (Panel.EXPERT, Panel.NON_EXPERT)]
    maps = set(
        ModelAnswer.objects.filter(question__quiz=tally.quiz)
        .exclude(saliency="")
        .values_list("question_id", "model_version__number")
    )
    found = []
    for column, question in enumerate(tally.questions):
        votes = [
            Vote(
                label=label,
                is_truth=bool(code == tally.truth[column]),
                experts=int((experts[:, column] == code).sum()),
                non_experts=int((others[:, column] == code).sum()),
                probabilities=tuple(float(r.probabilities[column, code]) for r in tally.competitors if code >= 0),
            )
            for code, label in [*enumerate(tally.options), (UNSURE_CODE, UNSURE)]
        ]
        found.append(
            QuestionResult(
                number=question.position + 1,
                key=str(question.key),
                micrograph=str(question.micrograph_id),
                filename=question.micrograph.filename,
                truth=tally.options[tally.truth[column]],
                votes=votes,
                expert_share=shares[0][column],
                non_expert_share=shares[1][column],
                models=_model_rows(tally, column, maps),
            )
        )
    return found


def _model_rows(tally: Tally, column: int, maps: set[tuple[int, int]]) -> list[ModelAnswerRow]:
    question = tally.questions[column]
    return [
        ModelAnswerRow(
            model_version=rival.number,
            predicted=tally.options[code] if (code := int(rival.codes[column])) != UNKNOWN else "?",
            right=bool(rival.right[column]),
            has_map=(question.pk, rival.number) in maps,
        )
        for rival in tally.competitors
    ]


def _shares(tally: Tally, panel: Panel) -> list[float | None]:
    right = tally.right[tally.rows_of(panel)]
    answered = (~np.isnan(right)).sum(axis=0)
    return [
        float(good / count) if count else None for good, count in zip(np.nansum(right, axis=0), answered, strict=True)
    ]
