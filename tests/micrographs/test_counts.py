"""The counts that the database keeps are those of the rows, whatever happens to them."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs import services
from microdb.micrographs.models import NONE_OF_THESE, UNSURE, Dataset, Micrograph, MicrographCount, ScaleSource

Add = Callable[..., Micrograph]
COLUMNS = ("dataset", "material_class", "none_of_these", "unsure", "split", "modality", "state", "uploaded_by", "flaw")


def kept() -> Counter[tuple[Any, ...]]:
    return Counter(Micrograph.objects.kept().values_list(*COLUMNS))


def tallied() -> Counter[tuple[Any, ...]]:
    return Counter(
        {tuple(row): total for *row, total in MicrographCount.objects.counted(*COLUMNS).values_list(*COLUMNS, "total")}
    )


def label_some(rows: list[Micrograph], owner: User) -> None:
    services.set_label(micrographs=rows[:1], label="pearlite", by=owner)
    services.set_label(micrographs=rows[1:2], label=NONE_OF_THESE, by=owner)
    services.set_label(micrographs=rows[2:], label=UNSURE, by=owner)


def trash_and_restore(rows: list[Micrograph], owner: User) -> None:
    services.trash_micrographs(micrographs=rows, by=owner)
    services.restore_micrographs(micrographs=rows[:1], by=owner)


CHANGES: dict[str, Callable[[list[Micrograph], User], Any]] = {
    "labelled": label_some,
    "trashed and partly restored": trash_and_restore,
    "split": lambda rows, owner: services.set_split(micrographs=rows, split="quiz", by=owner),
    "modality": lambda rows, owner: services.set_modality(micrographs=rows[1:], modality="SEM", by=owner),
    "updated without a service": lambda rows, owner: Micrograph.objects.update(flaw="blank", uploaded_by=None),
    "refused": lambda rows, owner: Micrograph.objects.filter(pk=rows[0].pk).update(state="refused"),
    "deleted": lambda rows, owner: rows[0].delete(),
    "changed in nothing that counts": lambda rows, owner: Micrograph.objects.update(scale_note="x"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_counts_follow_every_change(add: Add, owner: User, change: Callable[..., Any]) -> None:
    rows = [add(seed, label="ferrite" if seed else "") for seed in range(3)]
    assert tallied() == kept()
    change(rows, owner)
    assert tallied() == kept()
    services.merge_counts(most_loose=0)
    assert tallied() == kept()


def test_a_change_of_nothing_that_counts_adds_no_row(add: Add) -> None:
    add(0)
    before = MicrographCount.objects.count()
    Micrograph.objects.update(scale_note="x")
    assert MicrographCount.objects.count() == before


@pytest.mark.parametrize(
    ("scale", "specimen", "cell"),
    [(None, "", (True, None)), (1, "A", (False, 0)), (9.99, "", (True, 1)), (0.5, "A", (False, -1))],
)
def test_scales_are_counted_in_half_decades(
    add: Add, scale: float | None, specimen: str, cell: tuple[Any, ...]
) -> None:
    add(0, pixels_per_micrometre=scale, specimen=specimen)
    assert list(
        MicrographCount.objects.counted("no_specimen", "scale_bin").values_list("no_specimen", "scale_bin")
    ) == [cell]


def test_adding_up_leaves_one_row_for_each_combination(add: Add, owner: User) -> None:
    rows = [add(seed) for seed in range(3)]
    for label in ("ferrite", "pearlite", "ferrite"):
        services.set_label(micrographs=rows, label=label, by=owner)
    assert services.merge_counts() == 0  # a few loose rows are left alone
    assert services.merge_counts(most_loose=0) == 1
    assert [row.count for row in MicrographCount.objects.all()] == [3]
    assert services.merge_counts(most_loose=0) == 0


def test_of_a_deleted_dataset_no_count_remains(add: Add, dataset: Dataset) -> None:
    add(0)
    Micrograph.objects.all().delete()
    dataset.delete()
    services.merge_counts(most_loose=0)
    assert not MicrographCount.objects.exists()


def test_the_pages_show_a_change_at_once(signed_in: Client, add: Add, owner: User) -> None:
    one = add(0)
    assert signed_in.get("/datasets/steels/label/").context["progress"] == {"labelled": 0, "total": 1}
    services.set_scale(micrographs=[one], pixels_per_micrometre=5, source=ScaleSource.BY_HAND, by=owner)
    services.set_label(micrographs=[one], label="ferrite", by=owner)
    assert signed_in.get("/datasets/steels/label/").context["progress"] == {"labelled": 1, "total": 1}
    (listed,) = signed_in.get("/datasets/").context["datasets"]
    assert (listed.micrograph_count, listed.labelled_count) == (1, 1)
