"""Active learning: which unlabelled micrographs to label next, by a model version's scores of them."""

from django.utils.translation import gettext_lazy as _

from microdb.jobs import Job
from microdb.micrographs.models import Dataset, MicrographQuerySet
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion

MOST_SCORES = 2000
"""Scores read of a large dataset, the most uncertain first."""
ORDERS = {
    "uncertainty": _("least certain first"),
    "margin": _("closest call between two first"),
    "unknown": _("least like any class first"),
}
"""Query strategies: least confidence and smallest margin (Settles, Active Learning Literature Survey, 2009), and the
largest probability of none of these."""


def to_label(dataset: Dataset) -> MicrographQuerySet:
    """Ready micrographs without a label, but those that a person has marked as unsure."""
    return dataset.shown().ready().with_scale().unlabelled().filter(unsure=False)


def next_to_label(dataset: Dataset, version: ModelVersion, order: str) -> list[Score]:
    """The version's scores of unlabelled micrographs, the most informative first by one of ``ORDERS``."""
    done = Score.objects.with_page_rows().filter(model_version=version, state=Job.State.DONE)
    scores = done.filter(micrograph__in=to_label(dataset))
    most_uncertain_first = "-none_of_these" if order == "unknown" else "probability"
    found = list(scores.order_by(most_uncertain_first, "pk")[:MOST_SCORES])
    return sorted(found, key=_margin) if order == "margin" else found


def _margin(score: Score) -> float:
    """The difference of the two largest probabilities, with that of none of these among them."""
    first, second = sorted([*score.probabilities.values(), score.none_of_these or 0.0, 0.0], reverse=True)[:2]
    return float(first - second)
