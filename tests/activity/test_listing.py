"""What is listed as work, with which counts, places and times."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from microdb.accounts.models import User
from microdb.activity.listing import Wanted, find, listed
from microdb.activity.tallies import COUNTED, forget_tallies
from microdb.activity.viewers import Viewer
from microdb.activity.work import ACTIVE, ENDED, Kind, Work
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Lettering
from microdb.scoring.models import Batch, Score
from microdb.scoring.services import announce_batches, cancel_batch
from microdb.training.models import LearningCurve, ModelImport, ModelVersion
from tests.activity.conftest import MakeVersion, batch, reading, scores

pytestmark = pytest.mark.django_db
QUERIES = 15
"""Of one list: five groups, five for batches, the trainings with their queue, learning curves, imports, the batches."""


def seen_by(user: User, **wanted: object) -> list[Work]:
    forget_tallies()
    return listed(Viewer.of(user), Wanted(**wanted)).work


def test_every_kind_of_job_is_listed() -> None:
    counted = {jobs().model for jobs, _dataset in COUNTED.values()}
    one_by_one = {ModelVersion, LearningCurve, ModelImport}
    assert {model for model in apps.get_models() if issubclass(model, Job)} == counted | one_by_one


def test_a_queued_training_tells_its_place_among_those_of_all_datasets(
    dataset: Dataset, owner: User, version: MakeVersion
) -> None:
    version("running", progress=0.5)
    first, second = version(), version()
    ahead = {work.key: work.ahead for work in seen_by(owner)}
    assert (ahead[first.pk], ahead[second.pk]) == (1, 2)


def test_the_time_left_of_a_training_follows_from_its_rate(owner: User, version: MakeVersion) -> None:
    version("running", progress=0.25, started_at=timezone.now() - timedelta(seconds=100))
    (work,) = seen_by(owner)
    assert work.seconds_left == pytest.approx(300, abs=3)


def test_scores_that_belong_to_no_batch_are_counted_for_their_dataset(owner: User, version: MakeVersion) -> None:
    done = version("done")
    scores(done, 3)
    scores(done, 1, state="running")
    scores(done, 2, state="failed", error_id="abc123")
    scores(done, 1, state="failed", finished_at=timezone.now() - timedelta(days=2))
    (work,) = seen_by(owner, kinds=[Kind.SCORE])
    assert (work.state, work.counts.waiting, work.counts.running, work.counts.failed) == ("running", 3, 1, 2)
    assert work.error_id == "abc123"


def test_scores_of_a_batch_are_counted_with_it_alone(owner: User, version: MakeVersion) -> None:
    done = version("done")
    made = batch(done, *scores(done, 2, state="done"), *scores(done, 6))
    found = seen_by(owner, states=ACTIVE)
    assert [(work.kind, work.key) for work in found] == [(Kind.BATCH, made.pk)]
    (work,) = found
    assert (work.counts.done, work.counts.waiting, work.counts.total, work.progress) == (2, 6, 8, 0.25)
    assert work.seconds_left == pytest.approx(6 / (2 / 60), abs=1)


def test_a_batch_runs_as_soon_as_its_first_score_does(owner: User, version: MakeVersion) -> None:
    done = version("done")
    made = batch(done, *scores(done, 3))
    (queued,) = seen_by(owner, states=ACTIVE)
    assert (queued.state, queued.ahead) == ("queued", 0)
    Score.objects.filter(batch_items__batch=made, batch_items__position=0).update(state="running")
    (running,) = seen_by(owner, states=ACTIVE)
    assert (running.state, running.counts.running, running.counts.waiting) == ("running", 1, 2)


def test_the_counts_of_a_batch_that_ended_are_stored(owner: User, version: MakeVersion) -> None:
    done = version("done")
    made = batch(done, *scores(done, 2, state="done"), *scores(done, 1, state="failed"))
    announce_batches()
    (work,) = seen_by(owner, kinds=[Kind.BATCH])
    assert (work.state, work.counts.done, work.counts.failed, work.counts.total) == ("done", 2, 1, 3)
    assert work.can_be_retried
    stopped = batch(done, *scores(done, 4, queue="batch"))
    cancel_batch(batch=stopped)
    assert Batch.objects.get(pk=stopped.pk).counts == {"total": 4, "done": 0, "without_verdict": 4}
    assert {work.key: work.state for work in seen_by(owner, kinds=[Kind.BATCH])} == {
        made.pk: "done",
        stopped.pk: "cancelled",
    }


def test_readings_and_letterings_are_counted_for_their_dataset(dataset: Dataset, owner: User) -> None:
    first = reading(dataset)
    reading(dataset, state="running", heartbeat_at=timezone.now())
    reading(dataset, state="failed", finished_at=timezone.now())
    Lettering.objects.create(micrograph=first.micrograph)
    found = {work.kind: work.counts for work in seen_by(owner)}
    assert (found[Kind.READING].waiting, found[Kind.READING].running, found[Kind.READING].failed) == (1, 1, 1)
    assert found[Kind.LETTERING].waiting == 1


def test_a_stranger_sees_nothing_and_a_viewer_may_change_nothing(
    owner: User, stranger: User, viewer: User, version: MakeVersion
) -> None:
    made = version()
    assert seen_by(stranger) == []
    assert find(Viewer.of(stranger), f"training-{made.pk}") is None
    (work,) = seen_by(viewer)
    assert not work.may_change


def test_pages_hold_all_work_once_and_in_order(owner: User, version: MakeVersion) -> None:
    done = version("done")
    for _number in range(4):
        version("failed")
        batch(done, *scores(done, 1, state="done"), announced_at=timezone.now())
    whole = [work.id for work in seen_by(owner, states=ENDED)]
    paged, after = [], None
    while True:
        page = listed(Viewer.of(owner), Wanted(states=ENDED, most=2, after=after))
        paged += [work.id for work in page.work]
        after = page.next and type(page.next).read(page.next.cursor)
        if after is None:
            break
    assert len(whole) == 9
    assert paged == whole


def test_work_of_the_same_moment_is_on_one_page_alone(owner: User, version: MakeVersion) -> None:
    done = version("done")
    version("failed")
    for _number in range(2):
        batch(done, *scores(done, 1, state="done"), announced_at=timezone.now())
    moment = timezone.now()
    ModelVersion.objects.update(created_at=moment)
    Batch.objects.update(created_at=moment)
    paged, after = [], None
    for _page in range(4):
        page = listed(Viewer.of(owner), Wanted(states=ENDED, most=1, after=after))
        paged += [work.id for work in page.work]
        after = page.next
    assert len(set(paged)) == 4
    assert after is None


def test_the_number_of_queries_does_not_depend_on_the_number_of_jobs(
    owner: User, version: MakeVersion, django_assert_num_queries
) -> None:
    done = version("done")
    viewer = Viewer.of(owner)

    def queries() -> int:
        forget_tallies()
        with django_assert_num_queries(QUERIES):
            return len(listed(viewer, Wanted()).work)

    batch(done, *scores(done, 1))
    version()
    few = queries()
    for _number in range(5):
        version()
        batch(done, *scores(done, 3))
    scores(done, 5)
    assert queries() > few


def test_the_site_counts_once_for_everybody(
    owner: User, viewer: User, version: MakeVersion, django_assert_num_queries
) -> None:
    scores(version("done"), 2)
    listed(Viewer.of(owner), Wanted(states=ACTIVE))
    other = Viewer.of(viewer)
    with django_assert_num_queries(4):  # trainings, learning curves, imports and batches
        assert [work.counts.waiting for work in listed(other, Wanted(states=ACTIVE)).work] == [2]


@pytest.mark.parametrize("given", ["", "training", "training-", "training-x", "batch-1", "nothing-1", "training-²"])
def test_what_is_no_id_is_found_nowhere(owner: User, given: str) -> None:
    assert find(Viewer.of(owner), given) is None


def test_a_score_that_was_asked_for_again_is_not_queued_twice(owner: User, version: MakeVersion) -> None:
    from microdb.scoring.services import retry_scores

    done = version("done")
    (failed,) = scores(done, 1, state="failed", error="broken")
    twin = Score.objects.create(
        model_version=done, micrograph=failed.micrograph, state="failed", finished_at=timezone.now()
    )
    since = timezone.now() - timedelta(days=1)
    assert [one.pk for one in retry_scores(dataset=done.dataset, since=since)] == [twin.pk]
    assert retry_scores(dataset=done.dataset, since=since) == []
    failed.refresh_from_db()
    assert failed.state == "failed"
