"""Label issues: labels that a model version contradicts without having been trained on them."""

from dataclasses import dataclass

from django.db.models import QuerySet

from microdb.keyset import Keyset, finite
from microdb.micrographs.models import Dataset
from microdb.scoring.models import KEPT, OPEN, LabelCheck

PLACES = Keyset("weight", finite, downwards=True)
LARGE = ("descriptor_map", "metrics", "config")
"""Columns of a model version that the list does not show."""
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class IssueCounts:
    """How many labels are to be checked and how many were kept; each is ``MOST_COUNTED`` where there are more."""

    open: int
    kept: int


def label_issues(dataset: Dataset, *, kept: bool = False) -> QuerySet[LabelCheck]:
    """The labels that the latest version with a prediction for the micrograph contradicts, the most severe first.

    Issues that predict another class come before those that predict none of these, which is weak evidence about a
    label. ``kept``: those that a person has kept against this evidence, instead of the others.
    """
    issues = LabelCheck.objects.filter(KEPT if kept else OPEN, dataset=dataset)
    issues = issues.exclude(micrograph__in=dataset.withheld)
    related = (
        "micrograph__material_class",
        "micrograph__dataset",
        "score__model_version",
        "out_of_fold__model_version",
    )
    large = [f"{one}__model_version__{name}" for one in ("score", "out_of_fold") for name in LARGE]
    return PLACES.ordered(issues.select_related(*related).defer("score__descriptors", *large))


def count_issues(dataset: Dataset) -> IssueCounts:
    """Counted by an index alone, and no further than ``MOST_COUNTED``."""
    return IssueCounts(
        open=label_issues(dataset)[:MOST_COUNTED].count(), kept=label_issues(dataset, kept=True)[:MOST_COUNTED].count()
    )
