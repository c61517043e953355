"""What a person started and what has ended since: told once, on whichever page of theirs asks first."""

from microdb.accounts.requests import SignedInRequest
from microdb.activity.listing import find
from microdb.activity.viewers import Viewer
from microdb.activity.work import Work
from microdb.jobs import Job

SESSION_KEY = "started-work"
TOLD = (Job.State.DONE, Job.State.FAILED)
"""Who cancels something knows it."""


def newly_ended(request: SignedInRequest, viewer: Viewer, present: list[Work]) -> list[Work]:
    """The trainings and batches that the person started and that have ended since the last look.

    ``present``: what is listed now. The session keeps what still runs, so a page that is opened later tells it too.
    """
    running = {one.id for one in present if one.is_active and one.requested_by == request.user.pk}
    watched = set(request.session.get(SESSION_KEY, ()))
    if watched != running:
        request.session[SESSION_KEY] = sorted(running)
    found = [find(viewer, given) for given in sorted(watched - running)]
    return [work for work in found if work and work.state in TOLD]
