"""The overview of a dataset, and its live part."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.activity.listing import Wanted, listed
from microdb.activity.viewers import Viewer
from microdb.activity.work import ACTIVE
from microdb.audit_log.lines import Line, log_page
from microdb.audit_log.masking import Mask
from microdb.audit_log.models import Entry
from microdb.live import live
from microdb.micrographs.access import Abilities, abilities_in, dataset_or_404
from microdb.micrographs.models import Dataset
from microdb.micrographs.views.pages import dataset_page
from microdb.overview.facts import facts_of
from microdb.overview.next_action import next_action
from microdb.overview.steps import steps_of
from microdb.training.models import ModelVersion

LINES = 5
ENTRIES_READ = 200
"""Of the log, for these lines: entries alike are one line."""


@dataclass(frozen=True)
class Accuracy:
    """Of the active version on the micrographs that it held out, with its 95 % interval."""

    number: int
    share: float
    low: float
    high: float
    held_out: int


@login_required
@require_safe
def overview(request: SignedInRequest, slug: str) -> HttpResponse:
    """How far the dataset is, and what the person should do next."""
    dataset = dataset_or_404(request, slug)
    context = _context(request, dataset)
    return dataset_page(request, "overview/overview.html", dataset, "overview", context)


@login_required
@require_safe
def now(request: SignedInRequest, slug: str) -> HttpResponse:
    """The live part of that page."""
    context = _context(request, dataset_or_404(request, slug))
    entries = [line.latest.pk for line in context["lines"] or ()]
    shown = (context["steps"], context["next"], context["active"], context["accuracy"], entries)
    return live(request, "overview/_overview.html", context, shown=shown)


def _context(request: SignedInRequest, dataset: Dataset) -> dict[str, Any]:
    may = abilities_in(dataset, request.user)
    facts = facts_of(dataset, request.user)
    viewer = Viewer(request.user, {dataset.pk: dataset}, frozenset([dataset.pk] if may.curate else []))
    return {
        "dataset": dataset,
        "may": may,
        "steps": steps_of(facts, may),
        "next": next_action(facts, may),
        "active": listed(viewer, Wanted(states=ACTIVE)).work,
        "accuracy": _accuracy(facts.models.active),
        "version": facts.models.active,
        "lines": _latest(request, dataset, may),
    }


def _accuracy(version: ModelVersion | None) -> Accuracy | None:
    """None where nothing could be held out."""
    if version is None or not version.metrics.get("held_out"):
        return None
    metrics = version.metrics
    low, high = metrics["interval"]
    return Accuracy(version.number, metrics["accuracy"], low, high, metrics["held_out"])


def _latest(request: SignedInRequest, dataset: Dataset, may: Abilities) -> list[Line] | None:
    """The last lines of the audit log; None for those who may not read it."""
    if not may.own:
        return None
    return log_page(Entry.objects.of_dataset(dataset.pk)[:ENTRIES_READ], Mask(request.user)).lines[:LINES]
