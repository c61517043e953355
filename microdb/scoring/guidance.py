"""What a model's scores tell the people who label: what to label next, and which labels look wrong."""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from microdb.jobs import Job
from microdb.micrographs.models import (
    NONE_OF_THESE,
    Dataset,
    DatasetVersionEntry,
    Micrograph,
    MicrographQuerySet,
    Split,
)
from microdb.scoring.models import Score, ScoreQuerySet
from microdb.training.models import ModelVersion

LOOKED_AT = 2000
"""Scores read of a large dataset, the most doubtful first."""
ORDERS = {
    "uncertainty": _("least certain first"),
    "margin": _("closest call between two first"),
    "unknown": _("least like any class first"),
}


@dataclass(frozen=True)
class Suspect:
    """A label that a version contradicts which was not trained on it; ``for_label`` is its probability of the label."""

    score: Score
    label: str
    for_label: float

    @property
    def doubt(self) -> float:
        return (self.score.probability or 0.0) - self.for_label


def to_label(dataset: Dataset) -> MicrographQuerySet:
    """Ready micrographs without a label that nobody has said to be unsure of."""
    return Micrograph.objects.ready().with_scale().unlabelled().filter(dataset=dataset, unsure=False)


def next_to_label(version: ModelVersion, order: str) -> list[Score]:
    """The version's scores of what has no label yet, what teaches it most first (Settles, 2009: least confident,
    smallest margin; or by none of these)."""
    scores = _done(version.dataset).filter(model_version=version, micrograph__in=to_label(version.dataset))
    doubtful = "-none_of_these" if order == "unknown" else "probability"
    found = list(scores.order_by(doubtful, "pk")[:LOOKED_AT])
    return sorted(found, key=_margin) if order == "margin" else found


def suspect_labels(dataset: Dataset) -> list[Suspect]:
    """Labels contradicted by the latest version that was not trained on the micrograph, the worst first."""
    trained = DatasetVersionEntry.objects.filter(
        version=OuterRef("model_version__dataset_version"), micrograph=OuterRef("micrograph"), split=Split.TRAIN
    )
    of_class = Q(micrograph__material_class__isnull=False) & ~Q(predicted=F("micrograph__material_class__name"))
    of_none = Q(micrograph__none_of_these=True) & ~Q(predicted=NONE_OF_THESE)
    unseen = _done(dataset).filter(~Exists(trained), micrograph__trashed_at=None)
    latest = unseen.order_by("micrograph_id", "-model_version__number").distinct("micrograph_id").values("pk")
    found = Score.objects.with_page_rows().filter(of_class | of_none, pk__in=latest).order_by("-probability", "pk")
    suspects = [_suspect(score) for score in found[:LOOKED_AT]]
    return sorted(suspects, key=lambda one: -one.doubt)


def _done(dataset: Dataset) -> ScoreQuerySet:
    return Score.objects.with_page_rows().filter(model_version__dataset=dataset, state=Job.State.DONE)


def _suspect(score: Score) -> Suspect:
    label = score.micrograph.label
    known = {**score.probabilities, NONE_OF_THESE: score.none_of_these or 0.0}
    return Suspect(score, label, float(known.get(label, 0.0)))


def _margin(score: Score) -> float:
    """Between the two likeliest, none of these among them."""
    first, second = sorted([*score.probabilities.values(), score.none_of_these or 0.0, 0.0], reverse=True)[:2]
    return float(first - second)
