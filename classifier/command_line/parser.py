"""The commands and their options."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from classifier.benchmark.method import METHODS


def build_parser() -> argparse.ArgumentParser:
    """The parser of `python -m classifier`; it stores the command's name as `command`."""
    parser = argparse.ArgumentParser(prog="python -m classifier", description="Recognise microstructures.")
    commands = parser.add_subparsers(required=True, dest="command", metavar="train | score | evaluate | bench")
    for name, text, add_options in (
        ("train", "train a model from a manifest or a folder", _add_train_options),
        ("score", "recognise micrographs with a trained model", _add_score_options),
        ("evaluate", "cross-validate, grouped by specimen", _add_evaluate_options),
        ("bench", "measure this program and baselines in the same run", _add_bench_options),
    ):
        add_options(commands.add_parser(name, help=text, description=text))
    return parser


def add_method_options(parser: argparse.ArgumentParser) -> None:
    """The options that bench shares with the processes it starts, one for each method."""
    _add_training_data(parser)
    _add_common_options(parser, split="train on this split and skip the quiz; without it, the splits train and quiz")
    parser.add_argument("--folds", type=int, default=5, help="folds of the training split; 0: none")
    parser.add_argument("--minutes", type=float, default=20.0, help="limit for a method's folds, and for its quiz")


def _add_train_options(parser: argparse.ArgumentParser) -> None:
    _add_training_data(parser)
    _add_common_options(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="MODEL_DIR", help="where to write the model")


def _add_score_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model", type=Path, metavar="MODEL_DIR", help="a folder that train wrote, or a zip that a site exported"
    )
    parser.add_argument("data", type=Path, nargs="+", metavar="FILE_OR_FOLDER_OR_MANIFEST")
    _add_common_options(parser)
    parser.add_argument("--csv", type=Path, help="where to write the results; default: stdout")
    parser.add_argument("--saliency", type=Path, metavar="DIR", help="write each micrograph with its saliency map here")
    number = parser.add_mutually_exclusive_group()
    number.add_argument("--crops", type=_at_least(1), help="average exactly this many crops")
    number.add_argument("--exact", action="store_true", help="average all of the paper's 1000 crops")


def _add_evaluate_options(parser: argparse.ArgumentParser) -> None:
    _add_training_data(parser)
    _add_common_options(parser)
    parser.add_argument("--folds", type=_at_least(2), default=5)
    repeats = parser.add_mutually_exclusive_group()
    repeats.add_argument("--learning-curve", action="store_true", help="also train on fewer specimens")
    repeats.add_argument("--seeds", type=_at_least(1), default=1, help="repeat with this many seeds and other folds")
    repeats.add_argument(
        "--robustness",
        action="store_true",
        help="also score unknown materials, degraded micrographs, false scales and classes left out",
    )
    parser.add_argument("--unknowns", type=Path, metavar="MANIFEST", help="unknown materials for --robustness")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the metrics here")


def _add_bench_options(parser: argparse.ArgumentParser) -> None:
    add_method_options(parser)
    results = Path(os.environ.get("VAR", "var")) / "bench.json"
    parser.add_argument("--json", type=Path, default=results, help="where to write the results; default: %(default)s")
    parser.add_argument("--method", action="append", choices=METHODS, help="only this method; may be repeated")


def _add_training_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", type=Path, metavar="MANIFEST_OR_FOLDER")
    parser.add_argument("--config", type=Path, help="JSON file of settings; see classifier/config/parts.py")


def _add_common_options(parser: argparse.ArgumentParser, split: str = "only this split of the manifest") -> None:
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", help=split)
    parser.add_argument("--pixels-per-micrometre", type=float, dest="scale", help="scale of files that have none")


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if (value := int(text)) < least:
            raise argparse.ArgumentTypeError(f"give at least {least}")
        return value

    return number
