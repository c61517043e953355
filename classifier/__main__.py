"""The command line: python -m classifier train | score | evaluate | bench.

Progress goes to stderr, results to stdout. Exit codes: 0 done, 1 something could not be done, 2 wrong usage.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from rich.console import Console

from classifier.command_line.config_file import read_config
from classifier.command_line.manifest import Entry, read_entries
from classifier.command_line.progress_bar import errors, progress_bar
from classifier.command_line.tables import confusion_table, curve_table, seeds_table
from classifier.errors import ClassifierError

FAILED = 1
output = Console()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    paths = [options.data] if isinstance(options.data, Path) else options.data
    if missing := [path for path in paths if not path.exists() and options.command is not score]:
        parser.error(f"there is no {missing[0]}; give a manifest or a folder")
    try:
        return int(options.command(options))
    except ClassifierError as error:
        errors.print(f"[red]{error}[/red]", highlight=False, soft_wrap=True)
        return FAILED
    except KeyboardInterrupt:
        errors.print("Stopped.")
        return 130


def build_parser() -> argparse.ArgumentParser:
    """The four commands and their options."""
    parser = argparse.ArgumentParser(prog="python -m classifier", description="Recognise microstructures.")
    commands = parser.add_subparsers(required=True, metavar="train | score | evaluate | bench")
    for name, command, text in (
        ("train", train, "train a model from a manifest or a folder"),
        ("score", score, "recognise micrographs with a trained model"),
        ("evaluate", evaluate, "specimen-grouped cross-validation"),
        ("bench", bench, "this program beside others, measured in the same run"),
    ):
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
        if command is bench:
            _bench_options(sub)
            continue
        sub.add_argument("--seed", type=int, default=0)
        sub.add_argument("--split", help="only the manifest's rows of this split")
        sub.add_argument("--pixels-per-micrometre", type=float, dest="scale", help="scale of files that bring none")
        if command is score:
            _score_options(sub)
            continue
        sub.add_argument("data", type=Path, metavar="MANIFEST_OR_FOLDER")
        sub.add_argument("--config", type=Path, help="JSON file of settings; see classifier/config.py")
        if command is train:
            sub.add_argument("--out", type=Path, required=True, metavar="MODEL_DIR")
        if command is evaluate:
            sub.add_argument("--folds", type=_at_least(2), default=5)
            more = sub.add_mutually_exclusive_group()
            more.add_argument("--learning-curve", action="store_true", help="also with fewer specimens to train on")
            more.add_argument("--seeds", type=_at_least(1), default=1, help="so many times, other folds each time")
    return parser


def _bench_options(sub: argparse.ArgumentParser) -> None:
    from classifier.benchmark.command import WAYS, add_options

    add_options(sub)
    results = Path(os.environ.get("VAR", "var")) / "bench.json"
    sub.add_argument("--json", type=Path, default=results, help="where to write the results")
    sub.add_argument("--way", action="append", choices=WAYS, help="only this way; may be repeated")


def _score_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("model", type=Path, metavar="MODEL_DIR")
    sub.add_argument("data", type=Path, nargs="+", metavar="FILE_OR_FOLDER_OR_MANIFEST")
    sub.add_argument("--csv", type=Path, help="where to write the results; without it they go to stdout")
    sub.add_argument("--saliency", type=Path, metavar="DIR", help="write a class map over each micrograph, as PNG")
    number = sub.add_mutually_exclusive_group()
    number.add_argument("--crops", type=_at_least(1), help="average exactly so many crops")
    number.add_argument("--exact", action="store_true", help="the paper's 1000 crops, all of them")


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if (value := int(text)) < least:
            raise argparse.ArgumentTypeError(f"give at least {least}")
        return value

    return number


def train(options: argparse.Namespace) -> int:
    """Train a model and write it; one that was stopped goes on where it was when it is asked for again."""
    from classifier.estimator import Classifier

    samples = [entry.sample() for entry in read_entries(options.data, options.split, options.scale)]
    checkpoint = options.out / "checkpoint"
    with progress_bar() as callback:
        classifier = Classifier(read_config(options.config), options.seed).fit(samples, callback, checkpoint)
    classifier.save(options.out)
    shutil.rmtree(checkpoint, ignore_errors=True)  # a short training has made none
    metrics = classifier.metrics_
    if metrics["held_out"]:
        _print_quality(metrics, f"{metrics['held_out']} micrographs of specimens that it had not seen")
    else:
        output.print("Too few specimens to hold any out: the accuracy was not measured.")
    output.print(f"Trained on {sum(metrics['counts'].values())} micrographs in {metrics['seconds']} s: {options.out}")
    return 0


def _print_quality(metrics: dict[str, Any], what: str) -> None:
    low, high = metrics["interval"]
    output.print(
        f"Accuracy {metrics['accuracy']:.1%} (95 % interval {low:.1%} to {high:.1%}), balanced "
        f"{metrics['balanced_accuracy']:.1%}, on {what}.\nThe scale alone reaches {metrics['scale_only']:.1%}, "
        f"the commonest class {metrics['majority']:.1%}.",
        soft_wrap=True,
    )


def evaluate(options: argparse.Namespace) -> int:
    """Cross-validate and print what was measured."""
    from classifier.evaluation.cross_validation import evaluate_seeds
    from classifier.evaluation.learning_curve import learning_curve

    samples = [entry.sample() for entry in read_entries(options.data, options.split, options.scale)]
    how = (read_config(options.config), options.folds)
    seeds = range(options.seed, options.seed + options.seeds)
    with progress_bar() as callback:
        points = learning_curve(samples, *how, options.seed, callback) if options.learning_curve else []
        found = [points[-1].evaluation] if points else evaluate_seeds(samples, *how, seeds, callback)
    first = found[0]
    what = f"{first.count} micrographs, {options.folds} folds grouped by specimen, seed {options.seed}"
    _print_quality(first.to_dict(), what)
    named, error = first.class_named, first.calibration["expected_calibration_error"]
    output.print(f"Where a class must be named {named['accuracy']:.1%}, balanced {named['balanced_accuracy']:.1%}.")
    output.print(f"Stated probabilities are off by {error:.1%} on average (expected calibration error).")
    output.print(confusion_table(first))
    if len(found) > 1:
        output.print(seeds_table(seeds, found))
    if points:
        output.print(curve_table(points))
    return 0


def score(options: argparse.Namespace) -> int:
    """Score micrographs and write the table."""
    from classifier.command_line.score_files import Scoring, score_files
    from classifier.estimator import Classifier

    classifier = Classifier.load(options.model)
    how = Scoring(options.seed, options.crops, options.exact, options.saliency)
    with _result_file(options.csv) as file, progress_bar() as callback:
        failed = score_files(classifier, _entries_to_score(options), how, file, callback)
    return FAILED if failed else 0


def _entries_to_score(options: argparse.Namespace) -> list[tuple[Entry, ClassifierError | None]]:
    """Every micrograph asked for; a path that leads to none stays in the list with what is wrong about it."""
    found: list[tuple[Entry, ClassifierError | None]] = []
    for path in options.data:
        try:
            found += [(entry, None) for entry in read_entries(path, options.split, options.scale)]
        except ClassifierError as error:
            found.append((Entry(path, str(path)), error))
    return found


@contextmanager
def _result_file(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        yield file


def bench(options: argparse.Namespace) -> int:
    """Measure this program beside what a user might pick instead."""
    from classifier.benchmark.command import bench as measure_them

    return measure_them(options, output)


if __name__ == "__main__":
    sys.exit(main())
