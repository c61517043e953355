"""Label issues: labels that a model version contradicts without having been trained on them."""

from django.db.models import QuerySet

from microdb.keyset import Keyset, finite
from microdb.micrographs.models import Dataset
from microdb.scoring.models import LabelCheck

PLACES = Keyset("weight", finite, downwards=True)
LARGE = ("descriptor_map", "metrics", "config")
"""Columns of a model version that the list does not show."""


def label_issues(dataset: Dataset) -> QuerySet[LabelCheck]:
    """The labels that the latest version with a prediction for the micrograph contradicts, the most severe first.

    Issues that predict another class come before those that predict none of these, which is weak evidence about a
    label.
    """
    issues = LabelCheck.objects.filter(dataset=dataset, weight__isnull=False).exclude(micrograph__in=dataset.withheld)
    related = ("micrograph__material_class", "score__model_version", "out_of_fold__model_version")
    large = [f"{one}__model_version__{name}" for one in ("score", "out_of_fold") for name in LARGE]
    return PLACES.ordered(issues.select_related(*related).defer("score__descriptors", *large))
