"""What the database keeps for the lists of scores equals what can be computed from the rows, after any change."""

import random
from collections.abc import Callable
from uuid import UUID

import pytest

from microdb.jobs import Job
from microdb.micrographs.models import Dataset, DatasetVersionEntry, MaterialClass, Micrograph
from microdb.micrographs.services import set_label, set_scale, trash_micrographs
from microdb.scoring.active_learning import PLACES, count_unscored, next_to_label, to_label, unscored
from microdb.scoring.label_issues import label_issues
from microdb.scoring.models import Batch, BatchItem, Score
from microdb.scoring.services import BatchInput, create_batch
from microdb.training.models import ModelVersion, OutOfFold

NAMES = ("ferrite", "pearlite", "none-of-these")
COUNT = 24


def drawn(chance: random.Random) -> dict[str, float]:
    shares = [chance.random() for _name in NAMES]
    return {name: round(share / sum(shares), 3) for name, share in zip(NAMES, shares, strict=True)}


def verdict(chance: random.Random) -> dict[str, object]:
    shares = drawn(chance)
    predicted = max(shares, key=shares.__getitem__)
    none = shares.pop("none-of-these")
    return {
        "state": Job.State.DONE,
        "predicted": predicted,
        "probability": {**shares, "none-of-these": none}[predicted],
        "none_of_these": none,
        "probabilities": shares,
    }


@pytest.fixture
def later(trained: ModelVersion) -> ModelVersion:
    return ModelVersion.objects.create(
        dataset=trained.dataset, dataset_version=trained.dataset_version, number=trained.number + 1,
        classes=trained.classes, state=Job.State.DONE,
    )  # fmt: skip


@pytest.fixture
def chance() -> random.Random:
    return random.Random(7)


@pytest.fixture
def micrographs(trained: ModelVersion, later: ModelVersion, chance: random.Random) -> list[Micrograph]:
    """Some labelled, some not, with scores by two versions and out-of-fold predictions of both."""
    rows = [
        Micrograph(
            dataset=trained.dataset, filename=f"{number}.png", sha256=f"{number:064d}", width=9, height=9, bit_depth=8,
            state=Micrograph.State.READY, pixels_per_micrometre=10.0, scale_source="by_hand",
        )
        for number in range(COUNT)
    ]  # fmt: skip
    Micrograph.objects.bulk_create(rows)
    for one in rows:
        label = chance.choice([*NAMES, "", ""])
        set_label(micrographs=[one], label=label, by=None)
        for version in (trained, later):
            if chance.random() < 0.6:
                Score.objects.create(
                    model_version=version, micrograph=one, pixels_per_micrometre=10.0, **verdict(chance)
                )
            if chance.random() < 0.2:
                OutOfFold.answered(version, one.pk, label, drawn(chance)).save()
    return rows


def issues_one_by_one(dataset: Dataset) -> list[tuple[UUID, str, float]]:
    """The slow, obvious way: each labelled micrograph with the latest evidence that did not learn its label."""
    latest = dataset.model_versions.filter(state=Job.State.DONE).order_by("-number").first()
    found = []
    for one in dataset.micrographs.ready().labelled().select_related("material_class"):
        said, stored = None, ""
        out_of_fold = OutOfFold.objects.filter(model_version=latest, micrograph=one).first()
        if out_of_fold:
            said = out_of_fold.probabilities
        else:
            scores = Score.objects.filter(micrograph=one, state=Job.State.DONE).select_related("model_version")
            for score in scores.order_by("-model_version__number", "-created_at", "id"):
                version = score.model_version.dataset_version
                if not DatasetVersionEntry.objects.filter(version=version, micrograph=one, split="train").exists():
                    said, stored = {**score.probabilities, "none-of-these": score.none_of_these}, score.predicted
                    break
        if not said:
            continue
        predicted = max(said, key=said.__getitem__)
        if predicted != one.label and stored != one.label:
            found.append((one.pk, predicted, said[predicted] - said.get(one.label, 0.0)))
    return sorted(found, key=lambda issue: (issue[1] == "none-of-these", -issue[2], str(issue[0])))


def next_one_by_one(dataset: Dataset, version: ModelVersion, order: str) -> list[UUID]:
    scores = Score.objects.filter(model_version=version, state=Job.State.DONE, micrograph__in=to_label(dataset))

    def doubt(score: Score) -> float:
        shares = sorted([*score.probabilities.values(), score.none_of_these or 0.0, 0.0], reverse=True)
        return {"uncertainty": score.probability, "margin": shares[0] - shares[1], "unknown": -score.none_of_these}[
            order
        ]

    return [score.pk for score in sorted(scores, key=lambda score: (doubt(score), str(score.pk)))]


def check(dataset: Dataset, version: ModelVersion) -> None:
    dataset = Dataset.objects.get(pk=dataset.pk)
    found = [(one.pk, one.predicted, one.probability - one.for_label) for one in label_issues(dataset)]
    assert found == issues_one_by_one(dataset)
    for order, places in PLACES.items():
        kept = [score.pk for score in places.ordered(next_to_label(dataset, version))]
        assert kept == next_one_by_one(dataset, version, order), order
    assert count_unscored(dataset, version) == unscored(dataset, version).count()


def relabelled(micrographs: list[Micrograph], chance: random.Random) -> None:
    for one in micrographs[::2]:
        set_label(micrographs=[one], label=chance.choice([*NAMES, "", "unsure"]), by=None)


def without_scale(micrographs: list[Micrograph], chance: random.Random) -> None:
    set_scale(micrographs=micrographs[:9], pixels_per_micrometre=None, source="", by=None)


def declared_scale_free(micrographs: list[Micrograph], chance: random.Random) -> None:
    without_scale(micrographs, chance)
    Dataset.objects.filter(pk=micrographs[0].dataset_id).update(scale_free=True)


def some_trashed(micrographs: list[Micrograph], chance: random.Random) -> None:
    trash_micrographs(micrographs=micrographs[:5], by=None)


def some_deleted(micrographs: list[Micrograph], chance: random.Random) -> None:
    Micrograph.objects.filter(pk__in=[one.pk for one in micrographs[:5]]).delete()


def scores_deleted(micrographs: list[Micrograph], chance: random.Random) -> None:
    Score.objects.filter(micrograph__in=micrographs[::3]).delete()


def scores_rewritten(micrographs: list[Micrograph], chance: random.Random) -> None:
    for score in Score.objects.filter(micrograph__in=micrographs[::3]):
        Score.objects.filter(pk=score.pk).update(**verdict(chance))


def scores_saved_from_memory(micrographs: list[Micrograph], chance: random.Random) -> None:
    stale = list(Score.objects.filter(micrograph__in=micrographs))
    relabelled(micrographs, chance)
    for score in stale:
        score.save()


def scores_cancelled(micrographs: list[Micrograph], chance: random.Random) -> None:
    Score.objects.filter(micrograph__in=micrographs[::3]).update(state=Job.State.CANCELLED)


def class_renamed(micrographs: list[Micrograph], chance: random.Random) -> None:
    MaterialClass.objects.filter(name="ferrite").update(name="alpha iron")


def version_deleted(micrographs: list[Micrograph], chance: random.Random) -> None:
    micrographs[0].dataset.model_versions.order_by("-number").first().delete()


def version_trained(micrographs: list[Micrograph], chance: random.Random) -> None:
    last = micrographs[0].dataset.model_versions.order_by("-number").first()
    new = ModelVersion.objects.create(
        dataset=last.dataset, dataset_version=last.dataset_version, number=last.number + 1, state=Job.State.RUNNING
    )
    OutOfFold.objects.bulk_create(OutOfFold.answered(new, one.pk, one.label, drawn(chance)) for one in micrographs[:6])
    ModelVersion.objects.filter(pk=new.pk).update(state=Job.State.DONE)


CHANGES = (
    relabelled, without_scale, declared_scale_free, some_trashed, some_deleted, scores_deleted, scores_rewritten,
    scores_saved_from_memory, scores_cancelled, class_renamed, version_deleted, version_trained,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_suspects_and_the_next_to_label_equal_the_obvious_computation(
    change: Callable[[list[Micrograph], random.Random], None],
    micrographs: list[Micrograph],
    trained: ModelVersion,
    chance: random.Random,
):
    check(trained.dataset, trained)
    change(micrographs, chance)
    check(trained.dataset, trained)


def test_a_batch_counts_its_items_as_they_are(trained: ModelVersion, micrographs: list[Micrograph], chance):
    batch = create_batch(model_version=trained, items=[BatchInput(one.filename, one) for one in micrographs], by=None)
    BatchItem.objects.create(batch=batch, position=900, filename="x", error="no")
    queued = list(Score.objects.filter(batch_items__batch=batch, state=Job.State.QUEUED))
    for score, state in zip(queued, ["running", "failed", "cancelled", "done", "done"], strict=False):
        Score.objects.filter(pk=score.pk).update(**(verdict(chance) if state == "done" else {"state": state}))
    if queued:
        queued[-1].delete()
    counted = Batch.objects.with_counts().get(pk=batch.pk)
    items = list(batch.items.select_related("score", "micrograph"))
    states = [item.state for item in items]
    assert counted.total == len(items)
    assert counted.done == states.count("done")
    assert counted.waiting == sum(states.count(one) for one in ("queued", "running", "reading"))
    assert counted.without_verdict == counted.total - counted.done - counted.waiting
    assert counted.settled == counted.total - counted.waiting
