"""A file that is sent to be scored becomes part of the dataset only if somebody asks for it."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from microdb.micrographs import services
from microdb.micrographs.import_export.export import export_zip
from microdb.micrographs.models import Change, Dataset, Micrograph
from microdb.scoring.active_learning import to_label
from microdb.scoring.intake import store_for_scoring


@pytest.fixture
def noise(dataset: Dataset, owner: Any, png: Any, media: Path) -> Micrograph:
    sent = store_for_scoring(
        dataset=dataset, file=io.BytesIO(png(99)), filename="noise.png", by=owner, pixels_per_micrometre=1000
    )
    return services.read_at_once(micrograph=sent)


def test_a_scored_file_is_in_no_list_count_or_export(
    noise: Micrograph, dataset: Dataset, add: Any, signed_in: Client
) -> None:
    member = add(1, pixels_per_micrometre=10)
    assert noise.scored_only
    assert list(dataset.micrographs.kept()) == [member]
    assert noise not in to_label(dataset)
    services.merge_counts()
    page = signed_in.get("/datasets/steels/")
    assert [one.pk for one in page.context["page"].object_list] == [member.pk]
    assert page.context["page"].paginator.count == 1
    exported = b"".join(export_zip(dataset))
    assert b"noise.png" not in exported
    assert b"10 to 10 pixels per micrometre" in exported
    version = services.freeze_dataset(dataset=dataset, by=None)
    assert [entry.micrograph_id for entry in version.entries.all()] == [member.pk]


def test_its_page_offers_to_add_it(noise: Micrograph, dataset: Dataset, signed_in: Client) -> None:
    address = f"/datasets/steels/micrographs/{noise.pk}/"
    assert "It is not part of the dataset" in signed_in.get(address).content.decode()
    assert signed_in.get(f"/micrographs/{noise.pk}/image/").status_code == 200
    assert signed_in.post(address + "take/").status_code == 302
    assert list(dataset.micrographs.kept()) == [noise]
    services.merge_counts()
    assert signed_in.get("/datasets/steels/").context["page"].paginator.count == 1
    assert "It is not part of the dataset" not in signed_in.get(address).content.decode()


def test_uploading_the_same_file_makes_it_a_member_with_what_is_given(
    noise: Micrograph, dataset: Dataset, owner: Any, png: Any
) -> None:
    one = services.add_micrograph(
        dataset=dataset, file=io.BytesIO(png(99)), filename="a.png", by=owner, label="ferrite", specimen="S1"
    )
    assert (one.pk, one.scored_only, one.filename) == (noise.pk, False, "a.png")
    assert (one.label, one.specimen, one.pixels_per_micrometre) == ("ferrite", "S1", 1000)
    assert one.changes.filter(field=Change.Field.LABEL, new="ferrite", by=owner).exists()


def test_scoring_again_finds_it_and_can_add_it(
    noise: Micrograph, dataset: Dataset, owner: Any, png: Any, add: Any
) -> None:
    given = {"dataset": dataset, "filename": "noise.png", "by": owner}
    again = store_for_scoring(file=io.BytesIO(png(99)), **given)
    assert (again.pk, again.scored_only) == (noise.pk, True)
    added = store_for_scoring(file=io.BytesIO(png(99)), add_to_dataset=True, **given)
    assert (added.pk, added.scored_only) == (noise.pk, False)
    member = add(1)
    assert store_for_scoring(file=io.BytesIO(png(1)), **given) == member
    assert not Micrograph.objects.get(pk=member.pk).scored_only
