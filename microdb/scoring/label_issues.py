"""Label issues: labels that a model version contradicts without having been trained on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from microdb.jobs import Job
from microdb.micrographs.models import (
    NONE_OF_THESE,
    Dataset,
    DatasetVersionEntry,
    Micrograph,
    MicrographQuerySet,
    Split,
)
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion

MOST_SCORES = 2000
"""Scores read of a large dataset, the most confident first."""


@dataclass(frozen=True)
class LabelIssue:
    """A label and the probabilities that contradict it.

    They come from ``score``, of a micrograph outside the version's training, or else are out of fold: from the part
    of the version that was not trained on the specimen.
    """

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
        """The probability of the label; 0 for a class that the version does not know."""
        return self.probabilities.get(self.label, 0.0)

    @property
    def severity(self) -> float:
        """From 0 to 1: how much more probable the prediction is than the label."""
        return self.probability - self.for_label


def label_issues(dataset: Dataset) -> list[LabelIssue]:
    """The labels that the latest version with a prediction for the micrograph contradicts, the most severe first.

    Issues that predict another class come before those that predict none of these, which is weak evidence about a
    label.
    """
    latest: dict[UUID, LabelIssue] = {}
    for candidate in [*_out_of_fold(dataset), *_held_out(dataset)]:
        other = latest.get(candidate.micrograph.pk)
        if other is None or candidate.version_number > other.version_number:
            latest[candidate.micrograph.pk] = candidate
    issues = [candidate for candidate in latest.values() if candidate.predicted != candidate.label]
    return sorted(
        issues, key=lambda issue: (issue.predicted == NONE_OF_THESE, -issue.severity, str(issue.micrograph.pk))
    )


def _out_of_fold(dataset: Dataset) -> Iterator[LabelIssue]:
    """The out-of-fold predictions of the dataset's latest trained version."""
    trained = ModelVersion.objects.filter(dataset=dataset, state=Job.State.DONE).order_by("-number")
    version = trained.only("pk", "number").first()
    if version is None:
        return
    predictions = version.out_of_fold.filter(micrograph__in=_labelled(dataset))
    for prediction in predictions.select_related("micrograph__material_class"):
        yield LabelIssue(prediction.micrograph, version.number, prediction.probabilities)


def _held_out(dataset: Dataset) -> Iterator[LabelIssue]:
    """The latest score of each micrograph by a version not trained on it, where it contradicts the label."""
    trained = DatasetVersionEntry.objects.filter(
        version=OuterRef("model_version__dataset_version"), micrograph=OuterRef("micrograph"), split=Split.TRAIN
    )
    of_class = Q(micrograph__material_class__isnull=False) & ~Q(predicted=F("micrograph__material_class__name"))
    of_none = Q(micrograph__none_of_these=True) & ~Q(predicted=NONE_OF_THESE)
    done = Score.objects.filter(model_version__dataset=dataset, state=Job.State.DONE)
    held_out = done.filter(~Exists(trained), micrograph__in=_labelled(dataset))
    latest = held_out.order_by("micrograph_id", "-model_version__number").distinct("micrograph_id").values("pk")
    found = Score.objects.with_page_rows().filter(of_class | of_none, pk__in=latest).order_by("-probability", "pk")
    for score in found[:MOST_SCORES]:
        probabilities = {**score.probabilities, NONE_OF_THESE: score.none_of_these or 0.0}
        yield LabelIssue(score.micrograph, score.model_version.number, probabilities, score)


def _labelled(dataset: Dataset) -> MicrographQuerySet:
    return dataset.shown().ready().labelled()
