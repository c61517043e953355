"""The work that a person sees, the newest first, from a place on; what is active, what has ended."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from microdb.activity.batches import STATES, batches, work_of_batches
from microdb.activity.groups import groups
from microdb.activity.places import Place, parse_id
from microdb.activity.tallies import Tallies, site_tallies
from microdb.activity.trainings import trainings, work_of_trainings
from microdb.activity.version_jobs import curves, imports, work_of_curves, work_of_imports
from microdb.activity.viewers import Viewer
from microdb.activity.work import Kind, Work
from microdb.errors import MicroDBError
from microdb.jobs import Job, JobT

KINDS = sorted(Kind)
MOST_ACTIVE = 200
"""Pieces of work on the page that run at once."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for; an empty filter asks for all. ``ended_since``: no single job that ended before."""

    kinds: Collection[Kind] = ()
    states: Collection[str] = ()
    slug: str = ""
    key: Any = None
    ended_since: datetime | None = None
    after: Place | None = None
    most: int = MOST_ACTIVE


@dataclass(frozen=True)
class Listed:
    work: list[Work]
    next: Place | None


def listed(viewer: Viewer, wanted: Wanted) -> Listed:
    """A page of the list, with a constant number of queries."""
    viewer = _narrowed(viewer, wanted.slug)
    tallies = site_tallies()
    found = [*_trainings(viewer, wanted), *_version_jobs(viewer, wanted), *_batches(viewer, wanted, tallies)]
    found += [one for one in groups(viewer, tallies.groups) if _wants(wanted, one)]
    ordered = _in_order(found)
    page = ordered[: wanted.most]
    following = Place.of(page[-1]) if len(ordered) > wanted.most else None
    return Listed([one for one in page if not wanted.states or one.state in wanted.states], following)


def find(viewer: Viewer, given: str) -> Work | None:
    """One piece of work by its id; None where there is none that the person sees."""
    try:
        kind, key = parse_id(given)
    except MicroDBError:
        return None
    found = listed(viewer, Wanted(kinds=[kind], key=key)).work
    return found[0] if found else None


def _trainings(viewer: Viewer, wanted: Wanted) -> list[Work]:
    if not _asks_for(wanted, Kind.TRAINING):
        return []
    return work_of_trainings(viewer, _page(trainings(viewer), wanted, Kind.TRAINING))


def _version_jobs(viewer: Viewer, wanted: Wanted) -> list[Work]:
    found: list[Work] = []
    if _asks_for(wanted, Kind.CURVE):
        found += work_of_curves(viewer, _page(curves(viewer), wanted, Kind.CURVE))
    if _asks_for(wanted, Kind.IMPORT):
        found += work_of_imports(viewer, _page(imports(viewer), wanted, Kind.IMPORT))
    return found


def _page(rows: QuerySet[JobT], wanted: Wanted, kind: Kind) -> list[JobT]:
    """The jobs of a kind that is listed one by one, the newest first."""
    rows = rows.filter(_conditions(wanted, kind))
    if wanted.states:
        rows = rows.filter(state__in=wanted.states)
    if wanted.ended_since:
        rows = rows.filter(Q(finished_at=None) | Q(finished_at__gte=wanted.ended_since))
    return list(rows.order_by("-created_at", "-pk")[: wanted.most + 1])


def _batches(viewer: Viewer, wanted: Wanted, tallies: Tallies) -> list[Work]:
    if not _asks_for(wanted, Kind.BATCH):
        return []
    in_state = Q()
    for state in wanted.states:
        in_state |= STATES[Job.State(state)]
    rows = batches(viewer).filter(_conditions(wanted, Kind.BATCH) & in_state).order_by("-created_at", "-pk")
    return work_of_batches(viewer, list(rows[: wanted.most + 1]), tallies.batches)


def _narrowed(viewer: Viewer, slug: str) -> Viewer:
    if not slug:
        return viewer
    chosen = {pk: dataset for pk, dataset in viewer.datasets.items() if dataset.slug == slug}
    return Viewer(viewer.user, chosen, viewer.curated)


def _asks_for(wanted: Wanted, kind: Kind) -> bool:
    return not wanted.kinds or kind in wanted.kinds


def _conditions(wanted: Wanted, kind: Kind) -> Q:
    of_key = Q() if wanted.key is None else Q(pk=wanted.key)
    return of_key & (wanted.after.rows_behind(kind) if wanted.after else Q())


def _wants(wanted: Wanted, work: Work) -> bool:
    in_place = wanted.after is None or wanted.after.is_before(work)
    right_key = wanted.key is None or work.key == wanted.key
    return (
        in_place and right_key and _asks_for(wanted, work.kind) and (not wanted.states or work.state in wanted.states)
    )


def _in_order(found: list[Work]) -> list[Work]:
    """Sorted as ``Place`` says. Keys can be compared within a kind alone."""
    ordered: list[Work] = []
    for kind in KINDS:
        ordered += sorted((one for one in found if one.kind == kind), key=lambda one: one.key, reverse=True)
    return sorted(ordered, key=lambda one: one.created_at, reverse=True)
