"""Micrographs chosen by what the active model version predicts.

The room of scores, which stands above this one, knows the predictions: it calls ``register`` when the site starts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

from django.db.models import Q

from microdb.micrographs.gallery.specimen_filter import readable
from microdb.micrographs.models import Dataset, MicrographQuerySet

UNSCORED = "unscored"
"""In an address: without a verdict of the active version."""


@dataclass(frozen=True)
class PredictionFilter:
    """The names of the fields are those in an address; probabilities are from 0 to 1, both ends included."""

    predicted: str = ""
    probability_min: str = ""
    probability_max: str = ""

    NAMES: ClassVar[tuple[str, ...]] = ("predicted", "probability_min", "probability_max")

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> Self:
        """Read an address; what can't be is ignored."""
        given = {name: str(query.get(name, "")).replace("\x00", "").strip() for name in cls.NAMES}
        for name in ("probability_min", "probability_max"):
            given[name] = given[name] if readable(given[name], float) else ""
        return cls(**given)

    @property
    def values(self) -> dict[str, str]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def active(self) -> bool:
        return any(self.values.values())

    def without(self, names: tuple[str, ...]) -> Self:
        """The same without these filters."""
        return replace(self, **{name: "" for name in names if name in self.NAMES})


@dataclass(frozen=True)
class Predictions:
    """``matching`` is the condition of micrographs that a filter chooses; ``shown`` adds ``predicted``,
    ``predicted_probability`` and ``shown_probability`` to micrographs, all null without a verdict."""

    matching: Callable[[Dataset, PredictionFilter], Q]
    shown: Callable[[Dataset, MicrographQuerySet], MicrographQuerySet]


_registered: list[Predictions] = []


def register(predictions: Predictions) -> None:
    """Say how predictions are found."""
    _registered[:] = [predictions]


def matching(dataset: Dataset, chosen: PredictionFilter) -> Q:
    return _registered[0].matching(dataset, chosen)


def with_predictions(dataset: Dataset, micrographs: MicrographQuerySet) -> MicrographQuerySet:
    return _registered[0].shown(dataset, micrographs)
