"""Active learning: which unlabelled micrographs to label next, by a model version's scores of them."""

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from microdb.keyset import Keyset, finite
from microdb.micrographs.models import Dataset, Micrograph, MicrographQuerySet, counted
from microdb.scoring.models import AWAITING, UNKNOWN, Score, ScoreQuerySet
from microdb.training.models import ModelVersion

ORDERS = {
    "uncertainty": _("least certain first"),
    "margin": _("closest call between two first"),
    "unknown": _("least like any class first"),
}
"""Query strategies: least confidence and smallest margin (Settles, Active Learning Literature Survey, 2009), and the
largest probability of none of these."""
PLACES = {
    "uncertainty": Keyset("probability", finite),
    "margin": Keyset("margin", finite),
    "unknown": Keyset("unknown", finite, downwards=True),
}


def to_label(dataset: Dataset) -> MicrographQuerySet:
    """Ready micrographs without a label, but those that a person has marked as unsure.

    The database notes them in ``Score.awaits_label``.
    """
    return dataset.shown().ready().with_scale().unlabelled().filter(unsure=False)


def next_to_label(dataset: Dataset, version: ModelVersion) -> ScoreQuerySet:
    """The version's scores of unlabelled micrographs; one of ``PLACES`` orders them."""
    scores = Score.objects.with_page_rows().filter(AWAITING, model_version=version).annotate(unknown=UNKNOWN)
    scores = scores.select_related("micrograph__dataset")
    return scores.exclude(micrograph__in=dataset.withheld)


def count_unscored(dataset: Dataset, version: ModelVersion) -> int:
    """How many micrographs there are to label that the version has not scored; the database has counted all."""
    cells = counted(dataset, "material_class", "none_of_these", "unsure", "state", "scale_bin")
    waiting = sum(
        cell["total"]
        for cell in cells
        if cell["state"] == Micrograph.State.READY
        and not (cell["material_class"] or cell["none_of_these"] or cell["unsure"])
        and (dataset.scale_free or cell["scale_bin"] is not None)
    )
    scores = Score.objects.live_or_done().filter(model_version=version, awaits_label=True)
    scored = scores.exclude(micrograph__in=dataset.withheld).aggregate(count=Count("micrograph", distinct=True))
    return int(waiting - scored["count"])


def unscored(dataset: Dataset, version: ModelVersion) -> MicrographQuerySet:
    """The micrographs to label that the version has not scored."""
    scored = Score.objects.live_or_done().filter(model_version=version).values("micrograph")
    return to_label(dataset).exclude(pk__in=scored)
