"""The command `bench`: every way in a child process of its own, one after the other, then tables with bars and a JSON
file."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from classifier.benchmark.tables import agreement, tables
from classifier.errors import ClassifierError

WAYS = ("naive", "scale", "texture", "lite0", "default", "exact", "paper")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that the command and its children share."""
    parser.add_argument("data", type=Path, metavar="MANIFEST_OR_FOLDER")
    parser.add_argument("--config", type=Path, help="JSON file of settings; see classifier/config.py")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", help="train on this split alone and read no quiz; without it, train and quiz")
    parser.add_argument("--pixels-per-micrometre", type=float, dest="scale", help="scale of files that bring none")
    parser.add_argument("--folds", type=int, default=5, help="grouped folds of the training split; 0: none")
    parser.add_argument("--minutes", type=float, default=20.0, help="that one way's folds, or its quiz, may take")


def bench(options: argparse.Namespace, output: Console) -> int:
    """Measure the ways, print what was found and write it."""
    found = {way: _measure(way, options) for way in options.way or WAYS}
    report = {"seed": options.seed, "threads": os.cpu_count(), "load": os.getloadavg(), "ways": found}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    measured = [row for row in found.values() if "error" not in row]
    output.print(*tables(measured))
    for row in found.values():
        for note in [row["error"]] if "error" in row else row["notes"]:
            output.print(f"{row['title']}: {note}", highlight=False, soft_wrap=True)
    if "default" in found and "exact" in found:
        output.print(agreement(found["default"], found["exact"]), highlight=False, soft_wrap=True)
    output.print(f"Written to {options.json}", highlight=False, soft_wrap=True)
    return 1 if len(measured) < len(found) else 0


def _measure(way: str, options: argparse.Namespace) -> dict[str, Any]:
    """What the child that measures this way prints; its progress goes to the terminal."""
    command = [sys.executable, "-m", "classifier.benchmark", way, str(options.data), *_passed_on(options)]
    child = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if child.returncode:
        raise ClassifierError(f'Measuring "{way}" ended with exit code {child.returncode}; its reason stands above.')
    found: dict[str, Any] = json.loads(child.stdout)
    return found


def _passed_on(options: argparse.Namespace) -> Sequence[str]:
    given = {
        "--config": options.config,
        "--seed": options.seed,
        "--split": options.split,
        "--pixels-per-micrometre": options.scale,
        "--folds": options.folds,
        "--minutes": options.minutes,
    }
    return [text for name, value in given.items() if value is not None for text in (name, str(value))]
