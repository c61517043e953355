"""What a microscope recorded is stored beside the scale, found by filters, and part of an export; without names."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from microdb.micrographs import services
from microdb.micrographs.import_export.export import export_zip
from microdb.micrographs.models import Acquisition, Dataset, Micrograph
from microdb.micrographs.scale.acquisition import MOST_BYTES, AcquisitionFound, recorded_date
from microdb.micrographs.scale.metadata import read_metadata
from microdb.micrographs.scale.sidecar import Sidecar
from tests.micrographs.conftest import tiff

FEI = (
    "[User]\r\nDate=2020-01-31\r\nUser=Ada\r\n[System]\r\nSystemType=Quanta\r\n[Beam]\r\nHV=15000\r\nBeam=EBeam\r\n"
    "[EBeam]\r\nHV=15000\r\nWD=0.0102\r\n[Detectors]\r\nName=ETD\r\n[Scan]\r\nPixelWidth=2.5e-8\r\n"
)
ZEISS = (
    "0\r\n0\r\n0\r\n2.5e-8\r\n"
    "AP_ACTUALKV\r\nEHT = 5.00 kV\r\nAP_WD\r\nWD = 8.5 mm\r\nAP_MAG\r\nMag = 5.00 K X\r\n"
    "DP_DETECTOR_CHANNEL\r\nSignal A = InLens\r\nAP_DATE\r\nDate :31 Jan 2020\r\nSV_USER_NAME\r\nUser Name = Ada\r\n"
)
HITACHI = (
    "[SemImageFile]\r\nInstructName=SU8000\r\nDate=01/02/2020\r\nPixelSize=25\r\nMagnification=5000\r\n"
    "SignalName=SE(U)\r\nAcceleratingVoltage=5000 Volt\r\nWorkingDistance=8500 um\r\n"
)
JEOL = "$CM_ACCEL_VOLT 15.00\n$CM_MAG 500\n$CM_SIGNAL SEI\n$CM_DATE 2020/01/31\n$CM_OPERATOR Ada\n$$SM_WD 10\n"


def picture(tags: dict[int, Any], seed: int = 0) -> io.BytesIO:
    return io.BytesIO(tiff(np.random.default_rng(seed).integers(0, 256, (48, 64), np.uint8), tags))


@pytest.fixture
def taken(dataset: Dataset, owner: Any, media: Path) -> Micrograph:
    return services.add_and_read_micrograph(
        dataset=dataset, file=picture({34682: (2, FEI)}), filename="a.tif", by=owner
    )


def test_the_microscopes_fields_are_stored_without_the_operator(taken: Micrograph) -> None:
    found = taken.acquisition
    assert (found.kilovolts, found.working_distance) == (15, pytest.approx(10.2))
    assert (found.detector, found.instrument, found.date) == ("ETD", "Quanta", "2020-01-31")
    assert found.operator == ""
    assert found.record["FEI"]["Scan"]["PixelWidth"] == 2.5e-8
    assert "Ada" not in json.dumps(found.record)


def test_the_operator_is_kept_where_the_site_wants_it(dataset: Dataset, owner: Any, media: Path, settings: Any) -> None:
    settings.KEEP_OPERATOR = True
    one = services.add_and_read_micrograph(dataset=dataset, file=picture({34682: (2, FEI)}), filename="a.tif", by=owner)
    assert one.acquisition.operator == "Ada"
    assert one.acquisition.record["FEI"]["User"]["User"] == "Ada"


def test_zeiss_fields() -> None:
    found = read_metadata(picture({34118: (2, ZEISS)})).acquisition
    assert (found.kilovolts, found.working_distance, found.magnification) == (5, 8.5, 5000)
    assert (found.detector, found.date, found.operator) == ("InLens", "2020-01-31", "Ada")


def test_a_sidecar_tells_what_the_file_does_not(dataset: Dataset, owner: Any, media: Path) -> None:
    pairs = {"hitachi": HITACHI, "jeol": JEOL}
    ones = [
        services.add_and_read_micrograph(
            dataset=dataset,
            file=picture({}, seed),
            filename=f"{name}.tif",
            by=owner,
            sidecar=Sidecar(f"{name}.txt", text.encode()),
        ).acquisition
        for seed, (name, text) in enumerate(pairs.items())
    ]
    assert [one.kilovolts for one in ones] == [5, 15]
    assert [one.working_distance for one in ones] == [8.5, 10]
    assert [one.magnification for one in ones] == [5000, 500]
    assert [one.date for one in ones] == ["01/02/2020", "2020-01-31"]
    assert [one.detector for one in ones] == ["SE(U)", "SEI"]


def test_the_page_shows_it(taken: Micrograph, signed_in: Any) -> None:
    page = signed_in.get(f"/datasets/steels/micrographs/{taken.pk}/").content.decode()
    for text in ("Microscope", "Quanta", "ETD", "15 kV", "10.2 mm", "PixelWidth"):
        assert text in page


def test_gallery_and_api_find_it(
    taken: Micrograph, add: Any, signed_in: Any, owner: Any, client: Any, token: Any
) -> None:
    add(7)
    for name, value in (("instrument", "Quanta"), ("detector", "ETD"), ("kilovolts", "15"), ("date", "2020-01-31")):
        options = signed_in.get(f"/datasets/steels/facets/{name}/").context["facet"].options
        assert [(one.text, one.count) for one in options] == [(value, 1)]
        shown = signed_in.get(f"/datasets/steels/?{name}={value}").context["page"].object_list
        assert [one.pk for one in shown] == [taken.pk]
        answer = client.get(f"/api/v1/datasets/steels/micrographs/?{name}={value}", headers=token(owner)).json()
        assert [one["filename"] for one in answer["results"]] == ["a.tif"]
    assert signed_in.get("/datasets/steels/facets/nothing/").status_code == 404
    assert answer["results"][0]["acquisition"]["detector"] == "ETD"
    one = client.get(f"/api/v1/datasets/steels/micrographs/{taken.pk}/", headers=token(owner)).json()
    assert one["acquisition"]["record"]["FEI"]["Detectors"]["Name"] == "ETD"


def test_an_export_carries_it_even_where_it_came_from_a_sidecar(
    dataset: Dataset, owner: Any, media: Path, tmp_path: Path
) -> None:
    sidecar = Sidecar("a.txt", HITACHI.encode())
    services.add_and_read_micrograph(dataset=dataset, file=picture({}), filename="a.tif", by=owner, sidecar=sidecar)
    packed = tmp_path / "steels.zip"
    packed.write_bytes(b"".join(export_zip(dataset)))
    with zipfile.ZipFile(packed) as archive:
        stored = json.loads(archive.read("dataset.json"))["micrographs"]["files/a.tif"]
    assert stored["acquisition"]["instrument"] == "SU8000"
    call_command("import_dataset", str(packed), name="Copy", owner=owner.username)
    copy = Acquisition.objects.get(micrograph__dataset__name="Copy")
    assert (copy.instrument, copy.magnification, copy.record) == ("SU8000", 5000, stored["acquisition"]["record"])


def test_a_record_is_bounded_and_storable() -> None:
    endless: dict[str, Any] = {}
    endless["again"] = endless
    odd = {"a": "\0\ud800", "n": float("nan"), "raw": b"123", "Operator": "Ada", "endless": endless}
    found = AcquisitionFound(kilovolts=float("inf"), detector="x" * 500, record=odd).bounded(with_operator=False)
    assert (found.kilovolts, len(found.detector)) == (None, 100)
    assert found.record["a"] == "?"
    assert found.record["raw"] == "3 bytes"
    assert "Operator" not in found.record
    large = AcquisitionFound(record={str(number): "x" * 1000 for number in range(1000)}).bounded(with_operator=False)
    assert len(json.dumps(large.record)) < MOST_BYTES


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2020-01-31T10:00:00", "2020-01-31"),
        ("2020/1/31", "2020-01-31"),
        ("31 Jan 2020", "2020-01-31"),
        ("3/4/2020", "3/4/2020"),
        ("2020-31-01", "2020-31-01"),
        ("", ""),
    ],
)
def test_a_date_is_turned_only_where_it_is_certain(written: str, date: str) -> None:
    assert recorded_date(written) == date
