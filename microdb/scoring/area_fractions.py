"""The area fraction of each class in a specimen, by point counting over its scored micrographs (ASTM E562).

The interval of the standard holds the spread of the fields. Where the training measured how often a point is taken for
another class, a wider interval holds that too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from microdb.jobs import Job
from microdb.micrographs.models import NONE_OF_THESE
from microdb.scoring.models import Score
from microdb.statistics import AreaFraction, Interval, area_fraction, fraction_intervals
from microdb.training.models import ModelVersion
from microdb.training.point_shares import known_shares

MOST_FIELDS = 1000
"""Micrographs of one specimen that are counted, in the order of their file names."""
SAME_SCALE = 1.05
"""Factor between the largest and the smallest scale of fields that count as one magnification."""
COLUMNS = [
    "specimen", "model_version", "class", "fields", "area_fraction", "standard_deviation", "half_width_95", "low_95",
    "high_95", "relative_accuracy",
]  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A micrograph with the number of points of each outcome."""

    score: Score
    points: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.points.values())

    def share(self, outcome: str) -> float:
        return self.points.get(outcome, 0) / self.total


@dataclass(frozen=True)
class OutcomeFraction:
    """The area fraction of one outcome; none of these has no position.

    ``interval``: of the true fraction, 95 %. With the errors of the model where they were measured, for a specimen that
    shows only classes of the dataset; else that of the fields alone.
    """

    name: str
    position: int | None
    fraction: AreaFraction
    interval: Interval | None


@dataclass(frozen=True)
class SpecimenFractions:
    """The fields of a specimen, and the area fraction of each outcome over them."""

    specimen: str
    model_version: ModelVersion
    fields: list[Field]
    outcomes: list[OutcomeFraction]
    errors_measured: bool
    """Whether the intervals of the classes hold the errors of the model."""

    @property
    def scales_differ(self) -> bool:
        """Whether fields were taken at different magnifications, which the standard does not mix."""
        scales = [field.score.pixels_per_micrometre for field in self.fields if field.score.pixels_per_micrometre]
        return bool(scales) and max(scales) > SAME_SCALE * min(scales)

    @property
    def points(self) -> int:
        return sum(field.total for field in self.fields)

    def rows(self) -> Iterator[list[Any]]:
        """The table of ``COLUMNS``, header first."""
        yield COLUMNS
        for one in self.outcomes:
            found = one.fraction
            ends = [one.interval.low, one.interval.high] if one.interval else [None, None]
            numbers = [found.mean, found.deviation, found.half_width, *ends, found.relative_accuracy]
            written = ["" if number is None else f"{number:.6f}" for number in numbers]
            yield [self.specimen, self.model_version.number, one.name, found.fields, *written]


def specimen_fractions(version: ModelVersion, specimen: str, user: object) -> SpecimenFractions:
    """Of the specimen's micrographs that the version has scored and ``user`` may see, each by its latest score."""
    return fractions_of(version, specimen, _latest(version, specimen, user))


def fractions_around(score: Score, user: object) -> SpecimenFractions:
    """Of the specimen that a score's micrograph shows; one without a specimen is its own."""
    micrograph, version = score.micrograph, score.model_version
    if micrograph.specimen:
        return specimen_fractions(version, micrograph.specimen, user)
    return fractions_of(version, "", [Field(score, score.points)] if score.points else [])


def fractions_of(version: ModelVersion, specimen: str, fields: list[Field]) -> SpecimenFractions:
    """The area fractions over these fields."""
    if not fields:
        return SpecimenFractions(specimen, version, [], [], errors_measured=False)
    names = [*version.classes, NONE_OF_THESE]
    shares = np.array([[field.share(name) for name in names] for field in fields])
    known = known_shares(version.metrics, names) if len(fields) > 1 else []
    of_classes = fraction_intervals(shares, known) if known else []
    outcomes = []
    for position, name in enumerate(names):
        fraction = area_fraction(shares[:, position])
        interval = of_classes[position] if position < len(of_classes) else fraction.interval
        outcomes.append(OutcomeFraction(name, None if name == NONE_OF_THESE else position, fraction, interval))
    return SpecimenFractions(specimen, version, fields, outcomes, errors_measured=bool(known))


def _latest(version: ModelVersion, specimen: str, user: object) -> list[Field]:
    """The latest score of each of the specimen's micrographs."""
    micrographs = version.dataset.micrographs.stored().filter(specimen=specimen)
    shown = Score.objects.shown_to(user).filter(model_version=version, state=Job.State.DONE, micrograph__in=micrographs)
    place = ("micrograph__filename", "micrograph_id")
    newest = shown.order_by(*place, "-created_at").distinct(*place)
    columns = ("points", "pixels_per_micrometre", "micrograph__filename")
    rows = newest.exclude(points={}).select_related("micrograph").only(*columns)[:MOST_FIELDS]
    return [Field(score, score.points) for score in rows if sum(score.points.values())]
