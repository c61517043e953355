"""Scoring with the client, against a running site: complete, in order, and nothing twice whatever breaks."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from microdb.accounts.models import IdempotencyKey
from microdb.accounts.services import drop_old_keys
from microdb.client import Client, batches, to_dataframe
from microdb.client.batches import Options
from microdb.micrographs.models import Micrograph
from microdb.scoring.models import Batch, BatchItem, Score
from tests.client.conftest import Run
from tests.client.proxy import Proxy

pytestmark = pytest.mark.django_db(transaction=True)

SCALE = ("--pixels-per-micrometre", 10)
HEADER = "filename,pixels_per_micrometre,predicted,probability,none_of_these,ferrite,pearlite,crops,seed,warning,"
NAMES = ["a.png", "b.png", "day 2/a.png", "ü.png"]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_is_scored_into_a_csv_and_again_sends_no_file(site: Proxy, folder: Path, tmp_path: Path, run: Run):
    out = tmp_path / "out.csv"
    code, printed, told = run("score", "steels", folder, *SCALE, "--csv", out)
    assert (code, printed) == (0, ""), told
    assert out.read_text().startswith(HEADER + "outside_rank,nearest\n")
    assert sorted(row["filename"] for row in rows_of(out)) == NAMES
    assert all(row["predicted"] for row in rows_of(out))
    first, site.bytes = out.read_text(), 0
    out.unlink()
    assert run("score", "steels", folder, *SCALE, "--csv", out)[0] == 0
    assert out.read_text() == first
    assert (site.posts("/files/"), site.bytes < 500) == (1, True)
    assert (Batch.objects.count(), Score.objects.filter(batch_items__isnull=False).distinct().count()) == (1, 4)


def test_a_file_that_cannot_be_scored_keeps_its_row_and_the_command_exits_1(site: Proxy, folder: Path, run: Run):
    (folder / "broken.tif").write_bytes(b"II*\0 and no more")
    code, printed, _told = run("score", "steels", folder, *SCALE)
    rows = {row["filename"]: row for row in csv.DictReader(printed.splitlines())}
    assert code == 1
    assert sorted(rows) == sorted(["broken.tif", *NAMES])
    assert (rows["broken.tif"]["predicted"], bool(rows["broken.tif"]["warning"])) == ("", True)
    assert rows["b.png"]["predicted"]


def test_lost_answers_of_every_step_double_nothing(site: Proxy, folder: Path, run: Run):
    site.only, site.cut = "POST", 3  # make, files, start: each is answered only to its repetition
    code, printed, told = run("score", "steels", folder, *SCALE)
    assert code == 0, told
    assert "trying again" in told
    assert len(printed.splitlines()) == 5
    assert site.posts("/batches/") + site.posts("/files/") + site.posts("/start/") == 6
    assert (Batch.objects.count(), BatchItem.objects.count()) == (1, 4)
    assert Micrograph.objects.filter(scored_only=True).count() == 4


def test_a_run_that_is_stopped_while_it_sends_goes_on_with_the_rest(
    site: Proxy, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(batches, "MOST_FILES", 1)

    def stop_after_two(what: str, done: int, total: int) -> None:
        if (what, done) == ("Sending", 2):
            raise KeyboardInterrupt

    client = Client("steels", parallel=1)
    with pytest.raises(KeyboardInterrupt):
        client.scored_batch([folder], Options(pixels_per_micrometre=10), stop_after_two)
    sent = site.posts("/files/")
    assert 2 <= sent < 4
    verdicts = list(client.score([folder], pixels_per_micrometre=10))
    assert [bool(verdict.predicted) for verdict in verdicts] == [True] * 4
    assert (site.posts("/files/"), Batch.objects.count(), BatchItem.objects.count()) == (4, 1, 4)


def ten_days_pass() -> None:
    for model in (IdempotencyKey, Batch):
        model.objects.update(created_at=timezone.now() - timedelta(days=10))
    drop_old_keys()


def test_a_run_that_is_repeated_after_ten_days_sends_nothing_and_gets_the_results(site: Proxy, folder: Path, run: Run):
    _code, printed, told = run("score", "steels", folder, *SCALE)
    assert len(printed.splitlines()) == 5, told
    ten_days_pass()
    site.bytes = 0
    assert run("score", "steels", folder, *SCALE)[:2] == (0, printed)
    assert (site.posts("/files/"), site.bytes < 700, Batch.objects.count()) == (1, True, 1)


def test_a_run_that_was_stopped_ten_days_ago_goes_on_with_the_rest(
    site: Proxy, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(batches, "MOST_FILES", 1)

    def stop_after_two(what: str, done: int, total: int) -> None:
        if (what, done) == ("Sending", 2):
            raise KeyboardInterrupt

    client = Client("steels", parallel=1)
    with pytest.raises(KeyboardInterrupt):
        client.scored_batch([folder], Options(pixels_per_micrometre=10), stop_after_two)
    ten_days_pass()
    verdicts = list(client.score([folder], pixels_per_micrometre=10))
    assert [bool(verdict.predicted) for verdict in verdicts] == [True] * 4
    assert (site.posts("/files/"), Batch.objects.count(), BatchItem.objects.count()) == (4, 1, 4)


def test_another_content_is_another_batch(site: Proxy, folder: Path, run: Run):
    assert run("score", "steels", folder / "a.png", *SCALE)[0] == 0
    (folder / "a.png").write_bytes((folder / "b.png").read_bytes())
    assert run("score", "steels", folder / "a.png", *SCALE)[0] == 0
    assert Batch.objects.count() == 2


def test_a_scale_of_the_manifest_wins_over_the_option(site: Proxy, folder: Path, tmp_path: Path, run: Run):
    manifest = tmp_path / "m.csv"
    manifest.write_text("filename,pixels_per_micrometre\nday 2/a.png,12\n")
    _code, printed, _told = run("score", "steels", folder, *SCALE, "--manifest", manifest)
    scales = {row["filename"]: row["pixels_per_micrometre"] for row in csv.DictReader(printed.splitlines())}
    assert {name: float(scale) for name, scale in scales.items()} == {
        name: 12 if "day" in name else 10 for name in NAMES
    }


def test_a_manifest_may_name_files_from_its_own_folder(site: Proxy, folder: Path, tmp_path: Path, run: Run):
    manifest = tmp_path / "m.csv"
    manifest.write_text("filename,pixels_per_micrometre\nmicrographs/a.png,12\nmicrographs/day 2/a.png,14\n")
    code, printed, _told = run("score", "steels", folder, *SCALE, "--manifest", manifest)
    scales = {row["filename"]: float(row["pixels_per_micrometre"]) for row in csv.DictReader(printed.splitlines())}
    assert (code, len(scales)) == (0, 4)
    assert (scales["micrographs/a.png"], scales["micrographs/day 2/a.png"], scales["micrographs/b.png"]) == (12, 14, 10)


def test_five_lines_of_a_notebook_give_a_table(site: Proxy, folder: Path):
    with Client("steels") as client:
        table = to_dataframe(client.score([folder], pixels_per_micrometre=10))
    assert sorted(table["filename"]) == NAMES
    assert set(table["predicted"]) <= {"ferrite", "pearlite", "none-of-these"}
    total = table[["p(ferrite)", "p(pearlite)", "none_of_these"]].sum(axis=1)
    assert total.between(0.999, 1.001).all()


def test_results_of_the_latest_batch_are_printed_again(site: Proxy, folder: Path, run: Run):
    _code, printed, _told = run("score", "steels", folder, *SCALE)
    assert run("results", "steels")[:2] == (0, printed)
    assert run("results", "steels", Batch.objects.get().pk)[:2] == (0, printed)
