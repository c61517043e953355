"""What a model's scores tell the people who label: what to label next, and which labels look wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

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
    """A label that a version contradicts without having learned it: from a score of a micrograph that it was not
    trained on, or, without ``score``, from the part of it that never saw the specimen (out of fold)."""

    micrograph: Micrograph
    version_number: int
    probabilities: dict[str, float]
    score: Score | None = None

    @property
    def label(self) -> str:
        return self.micrograph.label

    @property
    def predicted(self) -> str:
        return max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def probability(self) -> float:
        return self.probabilities[self.predicted]

    @property
    def for_label(self) -> float:
        """0 for a class that the version does not know."""
        return self.probabilities.get(self.label, 0.0)

    @property
    def doubt(self) -> float:
        return self.probability - self.for_label


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
    """Labels that are contradicted by the latest version that says something of the micrograph, the worst first.

    Another class comes before none of these: that the model is a stranger to a micrograph says little of its label.
    """
    latest: dict[UUID, Suspect] = {}
    for said in [*_out_of_fold(dataset), *_unseen(dataset)]:
        other = latest.get(said.micrograph.pk)
        if other is None or said.version_number > other.version_number:
            latest[said.micrograph.pk] = said
    contradicted = [said for said in latest.values() if said.predicted != said.label]
    return sorted(contradicted, key=lambda one: (one.predicted == NONE_OF_THESE, -one.doubt, str(one.micrograph.pk)))


def _out_of_fold(dataset: Dataset) -> Iterator[Suspect]:
    """What the dataset's latest trained version said of what it was trained on."""
    trained = ModelVersion.objects.filter(dataset=dataset, state=Job.State.DONE).order_by("-number")
    version = trained.only("pk", "number").first()
    if version is None:
        return
    said = version.out_of_fold.filter(micrograph__in=_labelled(dataset))
    for one in said.select_related("micrograph__material_class"):
        yield Suspect(one.micrograph, version.number, one.probabilities)


def _unseen(dataset: Dataset) -> Iterator[Suspect]:
    """The latest score of each micrograph by a version that was not trained on it, where it contradicts the label."""
    trained = DatasetVersionEntry.objects.filter(
        version=OuterRef("model_version__dataset_version"), micrograph=OuterRef("micrograph"), split=Split.TRAIN
    )
    of_class = Q(micrograph__material_class__isnull=False) & ~Q(predicted=F("micrograph__material_class__name"))
    of_none = Q(micrograph__none_of_these=True) & ~Q(predicted=NONE_OF_THESE)
    unseen = _done(dataset).filter(~Exists(trained), micrograph__in=_labelled(dataset))
    latest = unseen.order_by("micrograph_id", "-model_version__number").distinct("micrograph_id").values("pk")
    found = Score.objects.with_page_rows().filter(of_class | of_none, pk__in=latest).order_by("-probability", "pk")
    for score in found[:LOOKED_AT]:
        known = {**score.probabilities, NONE_OF_THESE: score.none_of_these or 0.0}
        yield Suspect(score.micrograph, score.model_version.number, known, score)


def _labelled(dataset: Dataset) -> MicrographQuerySet:
    return Micrograph.objects.ready().labelled().filter(dataset=dataset)


def _done(dataset: Dataset) -> ScoreQuerySet:
    return Score.objects.with_page_rows().filter(model_version__dataset=dataset, state=Job.State.DONE)


def _margin(score: Score) -> float:
    """Between the two likeliest, none of these among them."""
    first, second = sorted([*score.probabilities.values(), score.none_of_these or 0.0, 0.0], reverse=True)[:2]
    return float(first - second)
