"""The map as tables: one row per class, and one per micrograph."""

from dataclasses import dataclass
from statistics import fmean
from typing import Any
from uuid import UUID

from microdb.micrographs.models import NONE_OF_THESE
from microdb.training.models import OutOfFold


@dataclass(frozen=True)
class MapRow:
    """The crops of a class or a micrograph: how many are drawn, how many of them are none of these (None for versions
    that did not keep this), and where their centre lies."""

    name: str
    position: int
    crops: int
    outside: int | None
    x: float
    y: float


@dataclass(frozen=True)
class MicrographRow:
    """A micrograph by its key and its place in the map's list, with its crops; the row is named after its label."""

    micrograph: UUID
    place: int
    row: MapRow


def class_rows(data: dict[str, Any]) -> list[MapRow]:
    """One row for each class, also for one without crops."""
    indices: dict[str, list[int]] = {name: [] for name in data.get("classes", [])}
    for index, label in enumerate(data.get("labels", [])):
        indices[label].append(index)
    return [_row(data, name, own) for name, own in indices.items()]


def micrograph_rows(data: dict[str, Any]) -> list[MicrographRow]:
    """One row for each micrograph that has crops on the map and can be opened, in the order of training."""
    micrographs = data.get("micrographs", [])
    indices: dict[int, list[int]] = {}
    for index, owner in enumerate(data.get("owners", []) if micrographs else []):
        indices.setdefault(owner, []).append(index)
    return [
        MicrographRow(UUID(micrographs[owner]), owner, _row(data, data["labels"][own[0]], own))
        for owner, own in sorted(indices.items())
        if micrographs[owner]
    ]


def _row(data: dict[str, Any], name: str, indices: list[int]) -> MapRow:
    x, y = (fmean(data["points"][index][axis] for index in indices) if indices else 0.0 for axis in (0, 1))
    outside = sum(data["outside"][index] for index in indices) if "outside" in data else None
    return MapRow(name, data["classes"].index(name), len(indices), outside, x, y)


@dataclass(frozen=True)
class Bar:
    """The probability of one outcome; none of these has no position."""

    name: str
    position: int | None
    share: float
    predicted: bool


def outcome_bars(answer: OutOfFold, classes: list[str]) -> list[Bar]:
    """The held-out probabilities of a micrograph, in the order of the classes, none of these last."""
    places = {name: place for place, name in enumerate(classes)}
    outcomes = [*classes, NONE_OF_THESE]
    shares = [(name, answer.probabilities[name]) for name in outcomes if name in answer.probabilities]
    return [Bar(name, places.get(name), share, name == answer.predicted) for name, share in shares]
