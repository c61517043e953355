"""The gallery and the API choose micrographs by what the active version predicts."""

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Micrograph
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion
from microdb.training.services import activate
from tests.scoring.verdicts import verdict

SAID = (("ferrite", 0.95), ("ferrite", 0.6), ("pearlite", 0.6), ("none-of-these", 0.8))


@pytest.fixture
def micrographs(trained: ModelVersion) -> list[Micrograph]:
    """Five, of which four have a verdict; those that the model was trained on are in the trash."""
    trained.dataset.micrographs.update(trashed_at="2026-01-01T00:00:00Z")
    rows = Micrograph.objects.bulk_create(
        Micrograph(
            dataset=trained.dataset, filename=f"{number}.png", sha256=f"{number:064d}", width=9, height=9, bit_depth=8,
            state=Micrograph.State.READY, pixels_per_micrometre=10.0, scale_source="by_hand",
        )
        for number in range(5)
    )  # fmt: skip
    for one, (said, probability) in zip(rows, SAID, strict=False):
        verdict(trained, one, said, probability)
    return rows


CHOICES = [
    ("predicted=ferrite", "01"),
    ("predicted=none-of-these", "3"),
    ("predicted=unscored", "4"),
    ("probability_max=0.7", "12"),
    ("predicted=ferrite&probability_min=0.9", "0"),
    ("probability_min=0.7&probability_max=0.9", "3"),
    ("predicted=martensite", ""),
]


@pytest.mark.parametrize(("query", "expected"), CHOICES)
def test_the_gallery_and_the_api_choose_the_same(query, expected, micrographs, signed_in: Client, owner: User):
    page = signed_in.get(f"/datasets/steels/?{query}")
    assert "".join(one.filename[0] for one in page.context["page"]) == expected
    token = {"authorization": "Token " + create_api_token(user=owner, scopes=["read"])[1]}
    answer = signed_in.get(f"/api/v1/datasets/steels/micrographs/?{query}", headers=token).json()
    assert "".join(one["filename"][0] for one in answer["results"]) == expected
    assert answer["count"] == len(expected)


def test_tiles_show_the_prediction_under_such_a_filter_alone(micrographs, signed_in: Client):
    assert "predicted: ferrite" in " ".join(signed_in.get("/datasets/steels/?predicted=ferrite").text.split())
    assert "predicted: ferrite" not in " ".join(signed_in.get("/datasets/steels/").text.split())


def facet(client: Client, name: str, query: str = "") -> dict[str, int | None]:
    page = client.get(f"/datasets/steels/facets/{name}/?{query}")
    return {option.text: option.count for option in page.context["facet"].options}


def test_facets_count_under_the_other_filters(micrographs, signed_in: Client):
    assert facet(signed_in, "predicted") == {"ferrite": 2, "pearlite": 1, "None of these": 1, "not scored": 1}
    assert facet(signed_in, "predicted", "probability_max=0.7") == {
        "ferrite": 1,
        "pearlite": 1,
        "None of these": 0,
        "not scored": 0,
    }
    counts = facet(signed_in, "probability", "predicted=ferrite")
    assert list(counts.values()) == [0, 1, 0, 1, 0]


def test_too_many_to_count_have_no_counts(micrographs, signed_in: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("microdb.micrographs.gallery.prediction_facets.MOST_COUNTED", 3)
    assert set(facet(signed_in, "predicted").values()) == {None}


def test_new_verdicts_count_at_once(trained: ModelVersion, micrographs, signed_in: Client):
    address = "/datasets/steels/?predicted=pearlite"
    assert signed_in.get(address).context["page"].paginator.count == 1
    verdict(trained, micrographs[4], "pearlite")
    assert signed_in.get(address).context["page"].paginator.count == 2


def test_after_a_change_of_scale_the_later_verdict_counts(trained: ModelVersion, micrographs, signed_in: Client):
    first = micrographs[0]
    Micrograph.objects.filter(pk=first.pk).update(pixels_per_micrometre=20.0)
    first.refresh_from_db()
    verdict(trained, first, "pearlite")
    found = signed_in.get("/datasets/steels/?predicted=ferrite").context["page"]
    assert [one.filename for one in found] == ["1.png"]


def test_only_the_active_version_predicts(trained: ModelVersion, micrographs, signed_in: Client):
    later = ModelVersion.objects.create(
        dataset=trained.dataset,
        dataset_version=trained.dataset_version,
        number=2,
        classes=trained.classes,
        state="done",
    )
    verdict(later, micrographs[0], "pearlite")
    assert facet(signed_in, "predicted")["pearlite"] == 1
    activate(model_version=later)
    assert facet(signed_in, "predicted") == {"ferrite": 0, "pearlite": 1, "None of these": 0, "not scored": 4}
    ModelVersion.objects.update(is_active=False)
    assert "Prediction" not in signed_in.get("/datasets/steels/").text
    assert signed_in.get("/datasets/steels/?predicted=ferrite").context["page"].paginator.count == 0
    assert Score.objects.filter(model_version=trained).count() == 4
