"""How well people and models recognise that a micrograph shows none of the classes."""

import numpy as np
from numpy.typing import NDArray

from microdb import statistics
from microdb.micrographs.models import NONE_OF_THESE
from microdb.quizzes.reports.accuracy import model_label, panel_label
from microdb.quizzes.reports.answer_matrix import UNANSWERED, AnswerMatrix
from microdb.quizzes.reports.inference import Detection
from microdb.statistics import Interval


def detections(matrix: AnswerMatrix) -> list[Detection]:
    """Of panels and models; none where the quiz does not offer none of these. Unsure counts as not found."""
    if NONE_OF_THESE not in matrix.options:
        return []
    place = matrix.options.index(NONE_OF_THESE)
    kind = np.asarray(matrix.truth == place)
    found = []
    for panel, mask in matrix.panels():
        codes = matrix.codes[mask]
        called = np.where(codes == UNANSWERED, np.nan, (codes == place) * 1.0)
        answered = np.asarray((~np.isnan(called)).any(axis=0))
        shares = np.nansum(called, axis=0)[answered] / (~np.isnan(called)).sum(axis=0)[answered]
        found.append(_detection(panel_label(panel), called, shares, kind, answered))
    for competitor in matrix.competitors:
        called = np.asarray((competitor.codes == place)[None, :] * 1.0)
        scores = competitor.probabilities[:, place]
        found.append(_detection(model_label(competitor.number), called, scores, kind, np.ones_like(kind)))
    return found


def _detection(
    label: str,
    called: statistics.Answers,
    scores: NDArray[np.float64],
    kind: NDArray[np.bool_],
    answered: NDArray[np.bool_],
) -> Detection:
    sensitivity, sensitivity_interval = _share(called[:, kind])
    specificity, specificity_interval = _share(1 - called[:, ~kind])
    each = zip(statistics.accuracies(1 - called[:, ~kind]), statistics.accuracies(called[:, kind]), strict=True)
    points = [(float(1 - right), float(good)) for right, good in each if not np.isnan(right + good)]
    return Detection(
        label=label,
        sensitivity=sensitivity,
        sensitivity_interval=sensitivity_interval,
        specificity=specificity,
        specificity_interval=specificity_interval,
        roc=statistics.roc(scores, kind[answered]),
        readers=points,
    )


def _share(right: statistics.Answers) -> tuple[float | None, Interval | None]:
    """The mean over readers and questions, None without an answer."""
    if np.isnan(right).all():
        return None, None
    return statistics.panel_accuracy(right), statistics.panel_interval(right)
