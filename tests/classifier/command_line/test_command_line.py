"""The command line, from a folder of drawn textures to tables."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifier import Classifier, ClassifierError
from classifier.command_line.image_files.isolation import read_gray
from classifier.command_line.main import main
from classifier.command_line.manifest import read_entries
from tests.classifier.conftest import TINY


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(TINY.to_dict() | {"steps": 20}))
    return str(path)


@pytest.fixture
def model(trained, tmp_path) -> str:
    trained.save(tmp_path / "model")
    return str(tmp_path / "model")


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_files_in_another_case_are_found_with_one_listing_of_their_folder(tmp_path, monkeypatch):
    listed: list[Path] = []
    listing = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda folder: listed.append(folder) or listing(folder))
    for number in range(5):
        (tmp_path / f"{number}.PNG").touch()
    manifest = tmp_path / "m.csv"
    manifest.write_text("filename\n" + "".join(f"{number}.png\n" for number in range(5)))
    assert [entry.path.name for entry in read_entries(manifest)] == [f"{number}.PNG" for number in range(5)]
    assert listed == [tmp_path]


def test_train_then_score_in_processes_of_their_own(write_images, config, tmp_path):
    manifest, model, table = write_images(8), tmp_path / "m", tmp_path / "out.csv"
    run = [sys.executable, "-m", "classifier"]
    trained = subprocess.run(
        [*run, "train", str(manifest), "--out", str(model), "--split", "train", "--config", config],
        capture_output=True,
        text=True,
        check=False,
    )
    assert trained.returncode == 0, trained.stderr
    assert "Trained on 13 micrographs" in trained.stdout
    scored = subprocess.run(
        [*run, "score", str(model), str(manifest), "--csv", str(table), "--seed", "3"], capture_output=True, check=False
    )
    assert scored.returncode == 0, scored.stderr
    rows = read_table(table)
    columns = "filename,pixels_per_micrometre,predicted,probability,none_of_these,dots,stripes,crops,seed,warning"
    columns += ",outside_rank,nearest"
    assert table.read_text().splitlines()[0] == columns
    assert len(rows) == 16
    assert rows[0]["filename"] == "images/dots/dots-0.png"
    assert {row["seed"] for row in rows} == {"3"}
    for row in rows:
        assert float(row["none_of_these"]) + float(row["dots"]) + float(row["stripes"]) == pytest.approx(1, abs=2e-6)
        assert row["predicted"] in ("dots", "stripes", "none-of-these")


def test_a_bad_file_has_a_row_with_the_reason_and_the_rest_is_scored(model, write_images, tmp_path):
    manifest, table = write_images(2), tmp_path / "out.csv"
    (tmp_path / "notes.png").write_text("no image")
    whole = (tmp_path / "images/dots/dots-0.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.png").touch()
    bad = [str(tmp_path / name) for name in ("notes.png", "cut.png", "empty.png", "nowhere.png")]
    plain = str(tmp_path / "images/dots/dots-0.png")
    assert main(["score", model, *bad, plain, str(manifest), "--csv", str(table), "--crops", "8"]) == 1
    rows = read_table(table)
    assert [row["predicted"] != "" for row in rows] == [False] * 5 + [True] * 4
    warnings = [row["warning"] for row in rows[:5]]
    for part, warning in zip(("no image", "damaged", "no image", "There is no", "no scale"), warnings, strict=True):
        assert part in warning
    assert {row["crops"] for row in rows[5:]} == {"8"}


def test_saliency_pictures_have_the_size_of_their_micrographs(model, write_images, tmp_path):
    manifest = write_images(1)
    arguments = ["score", model, str(manifest), "--csv", str(tmp_path / "o.csv"), "--saliency", str(tmp_path / "maps")]
    assert main(arguments) == 0
    names = sorted(path.name for path in (tmp_path / "maps").iterdir())
    assert names == ["images__dots__dots-0.png.png", "images__stripes__stripes-0.png.png"]
    assert Image.open(tmp_path / "maps" / names[0]).size == (96, 80)


def test_a_flat_folder_has_the_scale_of_the_option(model, write_images, tmp_path, capsys):
    write_images(2)
    arguments = ["score", model, str(tmp_path / "images/dots"), "--pixels-per-micrometre", "10", "--crops", "4"]
    assert main(arguments) == 0
    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()] == [
        "filename",
        "dots-0.png",
        "dots-1.png",
    ]


def test_a_text_file_of_a_microscope_is_named_where_a_scale_is_missing(tmp_path, capsys):
    for name in ("a.png", "b.png", "B.TXT", "a.png.hdr", "c.txt"):
        (tmp_path / name).touch()
    read_entries(tmp_path)
    assert "2 images have no scale but a text file of their microscope, such as a.png.hdr." in capsys.readouterr().err
    read_entries(tmp_path, scale=3.0)
    assert capsys.readouterr().err == ""


def test_evaluate_prints_the_accuracy_its_interval_and_the_controls(write_images, config, capsys):
    assert main(["evaluate", str(write_images(8)), "--folds", "2", "--config", config]) == 0
    printed = capsys.readouterr().out
    assert "95 % interval" in printed
    assert "the scale alone" in printed


def test_evaluate_with_several_seeds_prints_each_and_their_mean(write_images, config, capsys):
    arguments = ["evaluate", str(write_images(8)), "--folds", "2", "--config", config, "--seed", "3", "--seeds", "2"]
    assert main(arguments) == 0
    rows = [re.findall(r"[\w.]+", line) for line in capsys.readouterr().out.splitlines()]
    shares = {row[0]: np.array(row[1:], float) for row in rows if row and row[0] in ("3", "4", "mean")}
    np.testing.assert_allclose(shares["mean"], (shares["3"] + shares["4"]) / 2, atol=0.1)


def test_evaluate_prints_the_learning_curve(write_images, config, capsys):
    assert main(["evaluate", str(write_images(8)), "--folds", "2", "--config", config, "--learning-curve"]) == 0
    printed = capsys.readouterr().out
    assert "Learning curve" in printed
    assert "Expected calibration error" in printed


def test_training_keeps_its_state_until_the_model_is_written(write_images, config, tmp_path, monkeypatch):
    kept: list[bool] = []
    save = Classifier.save

    def note_checkpoint_and_save(self, directory):
        kept.append(any((tmp_path / "m" / "checkpoint").rglob("model.json")))
        save(self, directory)

    monkeypatch.setattr(Classifier, "save", note_checkpoint_and_save)
    assert main(["train", str(write_images(4)), "--out", str(tmp_path / "m"), "--config", config]) == 0
    assert kept == [True]
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == ["model.json", "weights.safetensors"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["train"],
        ["train", "/does/not/exist", "--out", "m"],
        ["score", "model", "x.png", "--crops", "0"],
        ["score", "model", "x.png", "--crops", "5", "--exact"],
        ["evaluate", ".", "--folds", "1"],
        ["bench", ".", "--method", "magic"],
    ],
)
def test_wrong_usage_exits_2(arguments):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_help_and_wrong_usage_need_no_torch():
    code = "import sys; from classifier.command_line import main; main.build_parser(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("command", ["train", "score", "evaluate", "bench"])
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert f"usage: python -m classifier {command}" in capsys.readouterr().out


def test_a_mistake_exits_1_with_a_sentence(write_images, tmp_path, capsys):
    assert main(["score", str(tmp_path), str(write_images(1))]) == 1
    assert "There is no model in" in capsys.readouterr().err
    (tmp_path / "bad.json").write_text("{")
    assert main(["train", str(tmp_path), "--out", str(tmp_path / "m"), "--config", str(tmp_path / "bad.json")]) == 1
    assert "cannot be read as JSON" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("file,label\na.png,x\n", "no column filename"),
        ("filename,colour\na.png,x\n", "unknown column 'colour'"),
        ("filename,pixels_per_micrometre\na.png,ten\n", "line 2: pixels_per_micrometre is 'ten'"),
        ("filename,label\n,x\n", "line 2: the filename is empty"),
        ("filename,label\n", "has no micrograph"),
    ],
)
def test_a_manifest_with_a_mistake_is_refused_in_a_sentence(tmp_path, text, sentence):
    path = tmp_path / "m.csv"
    path.write_text(text)
    with pytest.raises(ClassifierError, match=sentence):
        read_entries(path)


def test_a_folder_names_classes_by_its_subfolders(write_images):
    manifest = write_images(2)
    entries = read_entries(manifest.parent / "images")
    assert [(entry.filename, entry.label) for entry in entries][:1] == [("dots/dots-0.png", "dots")]
    assert {entry.label for entry in entries} == {"dots", "stripes"}


def test_sixteen_bits_and_floats_are_read_unchanged(tmp_path):
    deep = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16
    Image.fromarray(deep).save(tmp_path / "deep.png")
    Image.fromarray(deep.astype(np.float32) / 7).save(tmp_path / "float.tif")
    Image.fromarray(np.dstack([deep.astype(np.uint8)] * 3)).save(tmp_path / "colour.png")
    assert (read_gray(tmp_path / "deep.png") == deep).all()
    np.testing.assert_allclose(read_gray(tmp_path / "float.tif"), deep / 7, rtol=1e-6)
    assert read_gray(tmp_path / "colour.png").shape == (64, 64)
