"""``manage.py train`` and ``score`` through the real queue and a real worker."""

import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from microdb.micrographs.models import Dataset
from microdb.scoring.models import Score
from microdb.training import waiting
from microdb.training.models import ModelVersion
from tests.trained import drawn_png
from tests.workers import celery_worker


@pytest.mark.django_db(transaction=True)
def test_a_dataset_is_trained_and_scored_from_the_command_line(drawn: Dataset, tmp_path: Path):
    (tmp_path / "good.png").write_bytes(drawn_png("pearlite", 80))
    (tmp_path / "bad.png").write_bytes(b"no image")
    rows = ["filename,label,pixels_per_micrometre", "good.png,pearlite,10", "bad.png,,10", "absent.png,,10"]
    (tmp_path / "micrographs.csv").write_text("\n".join(rows))
    out, train_output, score_output = tmp_path / "out.csv", io.StringIO(), io.StringIO()

    with celery_worker("train,score,batch", tmp_path / "worker.log"):
        call_command("train", "steels", "--wait", stdout=train_output)
        assert "accuracy" in train_output.getvalue()
        assert ModelVersion.objects.get().is_active

        call_command("score", "steels", "--csv", str(out), stderr=score_output)
        with out.open(newline="") as file:
            assert [row["filename"] for row in csv.DictReader(file)] == ["ferrite-3.png", "pearlite-3.png"]
        for text in ("/2 = ", "95 % Wilson interval", "majority class", "scale-only control"):
            assert text in score_output.getvalue()

        with pytest.raises(CommandError, match="2 of 3 files could not be scored") as failure:
            call_command("score", "steels", str(tmp_path / "micrographs.csv"), "--csv", str(out), stderr=score_output)
    assert failure.value.returncode == 1
    with out.open(newline="") as file:
        good, bad, absent = csv.DictReader(file)
    assert good["predicted"]
    assert (bad["predicted"], absent["predicted"]) == ("", "")
    assert "no image file" in bad["warning"]
    assert "No such file" in absent["warning"]


def test_a_command_does_not_wait_forever_for_a_worker_that_is_not_there(monkeypatch):
    monkeypatch.setattr(waiting, "SECONDS_BETWEEN_CHECKS", 0.0)
    with pytest.raises(waiting.NoWorkerError, match="No worker takes work from the queue 'nobody'"):
        waiting.wait_for(lambda: False, queue="nobody", seconds=0.0)


def test_an_unknown_dataset_is_named_beside_the_known_ones(drawn: Dataset):
    with pytest.raises(CommandError, match=r"There is no dataset 'stels'\. Datasets: steels"):
        call_command("score", "stels")


def test_a_dataset_that_cannot_train_says_why(dataset: Dataset):
    with pytest.raises(CommandError, match="0 micrographs to train on"):
        call_command("train", "steels")


def test_scoring_before_any_training_says_what_to_do(drawn: Dataset):
    with pytest.raises(CommandError, match="Train one first"):
        call_command("score", "steels")
    assert not Score.objects.exists()
