"""What runs in each dataset of a list, and how accurate its model is."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import template
from django.template.context import Context

from microdb.activity.listing import Wanted, listed
from microdb.activity.viewers import Viewer
from microdb.activity.work import ACTIVE, Work
from microdb.micrographs.models import Dataset
from microdb.training.models import ModelVersion

register = template.Library()


@dataclass
class DatasetState:
    """``version`` and ``accuracy`` are those of the active version."""

    active: list[Work] = field(default_factory=list)
    version: int | None = None
    accuracy: float | None = None
    held_out: int = 0


@register.simple_tag(takes_context=True)
def add_states(context: Context, datasets: Iterable[Any]) -> str:
    """``{% add_states datasets %}``: each gets its ``DatasetState`` as ``state``, by a constant number of queries."""
    states = states_of(Viewer(context["user"], {one.pk: one for one in datasets}, frozenset()))
    for dataset in datasets:
        dataset.state = states[dataset.pk]
    return ""


def states_of(viewer: Viewer) -> dict[int, DatasetState]:
    """Of the viewer's datasets, by primary key."""
    states: dict[int, DatasetState] = defaultdict(DatasetState)
    for work in listed(viewer, Wanted(states=ACTIVE)).work:
        states[work.dataset.pk].active.append(work)
    for dataset, number, accuracy, held_out in _active_versions(viewer.datasets.values()):
        state = states[dataset]
        state.version, state.accuracy, state.held_out = number, accuracy, held_out or 0
    return states


def _active_versions(datasets: Iterable[Dataset]) -> Iterable[tuple[Any, ...]]:
    active = ModelVersion.objects.filter(dataset__in=list(datasets), is_active=True)
    return active.values_list("dataset", "number", "metrics__accuracy", "metrics__held_out")
