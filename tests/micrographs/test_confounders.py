"""Circumstances that predict the class are found, with the specimens held apart, and shown on the health page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microdb.micrographs import services
from microdb.micrographs.gallery import confounders
from microdb.micrographs.gallery.confounders import Confounders, confounders_of
from microdb.micrographs.models import Acquisition, Dataset, Micrograph

Add = Callable[..., Micrograph]


@pytest.fixture
def taken(dataset: Dataset) -> Callable[..., None]:
    """Stores rows without files: ``label_of`` and ``facts_of`` tell the label and the acquisition of a number."""
    classes = {one.name: one for one in dataset.material_classes.all()}

    def store(count: int, label_of: Any, facts_of: Any, specimen_of: Any, scale_of: Any = lambda _: None) -> None:
        rows = [
            Micrograph(
                dataset=dataset,
                filename=f"{number}.png",
                sha256=f"{number:064}",
                file_format="PNG",
                width=9,
                height=9,
                bit_depth=8,
                state=Micrograph.State.READY,
                material_class=classes[label_of(number)],
                specimen=specimen_of(number),
                pixels_per_micrometre=scale_of(number),
                scale_source="by_hand" if scale_of(number) else "",
            )
            for number in range(count)
        ]
        Micrograph.objects.bulk_create(rows)
        Acquisition.objects.bulk_create(
            Acquisition(micrograph=row, **facts_of(number)) for number, row in enumerate(rows)
        )

    return store


def by_half(number: int) -> str:
    """Twenty specimens of four; each has one class."""
    return "ferrite" if number % 20 < 10 else "pearlite"


def specimen(number: int) -> str:
    return f"S{number % 20}"


def accuracies(found: Confounders) -> dict[str, tuple[float, bool]]:
    return {one.name: (one.look_up.accuracy, one.warns) for one in found.tested}


def test_a_detector_of_its_own_for_each_class_is_a_warning(dataset: Dataset, taken: Any) -> None:
    taken(80, by_half, lambda n: {"detector": "SE2" if by_half(n) == "ferrite" else "InLens"}, specimen)
    found = confounders_of(dataset)
    assert accuracies(found) == {"detector": (1.0, True)}
    (warning,) = found.warnings
    assert [(one.value, one.label, one.count, one.total) for one in warning.values] == [
        ("InLens", "pearlite", 40, 40),
        ("SE2", "ferrite", 40, 40),
    ]


def test_a_date_of_its_own_for_each_specimen_is_no_warning(dataset: Dataset, taken: Any) -> None:
    """Within a specimen the date tells the class; it tells nothing of another specimen."""
    taken(80, by_half, lambda n: {"date": f"2020-01-{n % 20 + 1:02} 10:00"}, specimen)
    assert accuracies(confounders_of(dataset)) == {"date": (0.5, False)}


def test_days_on_which_one_class_was_photographed_are_a_warning(dataset: Dataset, taken: Any) -> None:
    taken(80, by_half, lambda n: {"date": f"2020-01-{1 + n % 20 // 5:02}"}, specimen)
    assert accuracies(confounders_of(dataset)) == {"date": (1.0, True)}


def test_mixed_detectors_are_no_warning(dataset: Dataset, taken: Any) -> None:
    taken(80, by_half, lambda n: {"detector": "SE2" if n % 2 else "InLens", "instrument": "Quanta"}, specimen)
    found = accuracies(confounders_of(dataset))
    assert "instrument" not in found  # all the same
    assert not found["detector"][1]


def test_numbers_that_differ_little_are_one_value(dataset: Dataset, taken: Any) -> None:
    def facts(number: int) -> dict[str, float]:
        class_is_ferrite = by_half(number) == "ferrite"
        return {
            "kilovolts": (15 if class_is_ferrite else 20) + number % 7 / 100,
            "magnification": (1000 if class_is_ferrite else 5000) + number % 5,
        }

    taken(80, by_half, facts, specimen, lambda n: 10 + n % 20 / 50 if by_half(n) == "ferrite" else 50)
    assert accuracies(confounders_of(dataset)) == {
        "kilovolts": (1.0, True),
        "magnification": (1.0, True),
        "scale": (1.0, True),
    }
    services.update_dataset(dataset=dataset, scale_free=True)
    assert "scale" not in accuracies(confounders_of(dataset))


def test_few_micrographs_or_specimens_conclude_nothing(dataset: Dataset, taken: Any) -> None:
    def facts(number: int) -> dict[str, str]:
        detector = "SE2" if by_half(number) == "ferrite" else "InLens"
        return {"detector": detector if number < 29 else "", "instrument": detector if number % 20 in (1, 11) else ""}

    taken(80, by_half, facts, specimen)
    assert accuracies(confounders_of(dataset)) == {}


def test_a_class_of_one_specimen_is_left_out_and_named(dataset: Dataset, taken: Any) -> None:
    services.add_material_class(dataset=dataset, name="martensite")
    facts = lambda n: {"detector": "SE2" if by_half(n) == "ferrite" else "InLens"}  # noqa: E731
    taken(80, by_half, facts, lambda n: "S" if by_half(n) == "pearlite" else specimen(n))
    found = confounders_of(dataset)
    assert found.one_specimen == ["pearlite"]
    assert found.tested == []


def test_missing_specimens_are_counted_and_said(signed_in: Client, dataset: Dataset, taken: Any) -> None:
    taken(80, by_half, lambda n: {"detector": "SE2" if by_half(n) == "ferrite" else "InLens"}, lambda _: "")
    found = confounders_of(dataset)
    assert (found.without_specimen, found.tested[0].look_up.groups) == (80, 80)
    page = signed_in.get("/datasets/steels/health/").text
    assert "80 micrographs name no specimen" in page


def test_the_page_says_what_to_do_with_the_accuracy_and_its_interval(
    signed_in: Client, dataset: Dataset, taken: Any
) -> None:
    taken(80, by_half, lambda n: {"detector": "SE2" if by_half(n) == "ferrite" else "InLens"}, specimen)
    page = " ".join(signed_in.get("/datasets/steels/health/").text.split())
    assert "alone predicts the class of 100 % of the micrographs" in page
    assert "(95 % interval 82 % to 100 %)" in page
    assert "Always answering “ferrite” would be right for 50 %" in page
    assert "Photograph every class with each of them." in page
    assert "SE2: 40 of 40 are ferrite" in page


def test_a_page_without_enough_records_has_no_such_part(signed_in: Client, add: Add) -> None:
    add(0, label="ferrite", pixels_per_micrometre=2, specimen="A")
    assert "confounders" not in signed_in.get("/datasets/steels/health/").text


def test_one_query_reads_a_bounded_sample(
    dataset: Dataset, taken: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(confounders, "MOST_ROWS", 60)
    taken(80, by_half, lambda n: {"detector": "SE2" if by_half(n) == "ferrite" else "InLens"}, specimen)
    with django_assert_num_queries(1) as queries:
        found = confounders_of(dataset)
    assert isinstance(queries, CaptureQueriesContext)
    assert found.sampled
    assert found.tested[0].look_up.total <= 60
