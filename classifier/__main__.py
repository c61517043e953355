"""The command line: python -m classifier train | score | evaluate | bench.

Progress goes to stderr, results to stdout. Exit codes: 0 done, 1 something could not be done, 2 wrong usage.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from classifier.config import Config
from classifier.errors import ClassifierError
from classifier.manifest import Entry, load_samples, read_entries
from classifier.samples import Callback
from classifier.samples import Progress as Report

FAILED = 1
errors = Console(stderr=True)
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
        ("bench", bench, "speed table, peers in the same run"),
    ):
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
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
            sub.add_argument("--folds", type=_at_least_two, default=5)
    return parser


def _score_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("model", type=Path, metavar="MODEL_DIR")
    sub.add_argument("data", type=Path, nargs="+", metavar="FILE_OR_FOLDER_OR_MANIFEST")
    sub.add_argument("--csv", type=Path, help="where to write the results; without it they go to stdout")
    sub.add_argument("--saliency", type=Path, metavar="DIR", help="write a class map over each micrograph, as PNG")
    number = sub.add_mutually_exclusive_group()
    number.add_argument("--crops", type=_at_least_one, help="average exactly so many crops")
    number.add_argument("--exact", action="store_true", help="the paper's 1000 crops, all of them")


def _at_least_one(text: str) -> int:
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError("give at least 1")
    return value


def _at_least_two(text: str) -> int:
    if (value := int(text)) < 2:
        raise argparse.ArgumentTypeError("give at least 2")
    return value


def read_config(path: Path | None) -> Config:
    """The settings in a JSON file, or the defaults."""
    if path is None:
        return Config()
    try:
        return Config.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        if isinstance(error, ClassifierError):
            raise
        raise ClassifierError(f"{path} cannot be read as JSON ({error}); give an object of settings.") from error


@contextmanager
def progress_bar() -> Iterator[Callback]:
    """A bar on stderr that follows what the classifier reports."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=errors) as bar:
        task = bar.add_task("starting", total=1.0)

        def callback(report: Report) -> bool:
            loss = "" if report.loss is None else f", loss {report.loss:.3f}"
            bar.update(task, completed=report.fraction, description=f"{report.stage}: {report.message}{loss}")
            return True

        yield callback


def train(options: argparse.Namespace) -> int:
    """Train a model and write it."""
    from classifier.estimator import Classifier

    samples = load_samples(read_entries(options.data, options.split, options.scale))
    with progress_bar() as callback:
        classifier = Classifier(read_config(options.config), options.seed).fit(samples, callback)
    classifier.save(options.out)
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
    from classifier.evaluation import evaluate as cross_validate

    samples = load_samples(read_entries(options.data, options.split, options.scale))
    with progress_bar() as callback:
        result = cross_validate(samples, read_config(options.config), options.folds, options.seed, callback)
    _print_quality(result.to_dict(), f"{result.count} micrographs, {options.folds} folds grouped by specimen")
    table = Table("actual", *result.outcomes, "recall")
    for name, row in zip(result.outcomes, result.confusion, strict=True):
        if sum(row):
            table.add_row(name, *map(str, row), f"{result.per_class_recall[name]:.1%}")
    output.print(table)
    return 0


def score(options: argparse.Namespace) -> int:
    """Score micrographs and write the table."""
    from classifier.estimator import Classifier
    from classifier.score_files import Scoring, score_files

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
    """Time ways of scoring side by side."""
    from classifier.bench import bench as time_them

    samples = load_samples(read_entries(options.data, options.split, options.scale))
    with progress_bar() as callback:
        rows = time_them(samples, read_config(options.config), options.seed, callback)
    table = Table("way", "crops an image", "s an image", "crops/s", "times faster an image")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.crops:.0f}",
            f"{row.seconds:.2f}",
            f"{row.rate:.0f}",
            f"{rows[0].seconds / row.seconds:.1f}",
        )
    output.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
