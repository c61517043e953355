"""The command `evaluate`."""

import argparse
import json
from pathlib import Path
from typing import Any

from classifier.command_line.config_file import read_config
from classifier.command_line.consoles import output
from classifier.command_line.manifest import read_entries
from classifier.command_line.progress_bar import progress_bar
from classifier.command_line.tables import accuracy_text, confusion_table, curve_table, robustness_table, seeds_table
from classifier.errors import ClassifierError
from classifier.evaluation.cross_validation import Evaluation, evaluate_seeds
from classifier.evaluation.cross_validation import evaluate as cross_validate
from classifier.evaluation.learning_curve import learning_curve
from classifier.samples import Sample


def evaluate(options: argparse.Namespace) -> int:
    """Cross-validate, also for a learning curve or with several seeds, and print the metrics."""
    samples = [entry.sample() for entry in read_entries(options.data, options.split, options.scale)]
    config = read_config(options.config)
    if options.unknowns is not None and not options.robustness:
        raise ClassifierError("--unknowns is scored by --robustness only; give both.")
    seeds = range(options.seed, options.seed + options.seeds)
    with progress_bar() as callback:
        if options.learning_curve:
            points = learning_curve(samples, config, options.folds, options.seed, callback)
            evaluations, table = [points[-1].evaluation], curve_table(points)
        elif options.robustness:
            unknowns = None if options.unknowns is None else _samples(options.unknowns, options)
            evaluations = [
                cross_validate(
                    samples, config, options.folds, options.seed, callback, robustness=True, unknowns=unknowns
                )
            ]
            table = robustness_table(evaluations[0].robustness)
        else:
            evaluations = evaluate_seeds(samples, config, options.folds, seeds, callback)
            table = seeds_table(seeds, evaluations)
    _print(evaluations[0], options)
    if options.learning_curve or options.robustness or len(seeds) > 1:
        output.print(table)
    if options.json is not None:
        write_json(options.json, [evaluation.to_dict() for evaluation in evaluations])
    return 0


def _samples(path: Path, options: argparse.Namespace) -> list[Sample]:
    return [entry.sample() for entry in read_entries(path, None, options.scale)]


def write_json(path: Path, evaluations: list[dict[str, Any]]) -> None:
    """Write the evaluations, one per seed. Raises ClassifierError where the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(evaluations, indent=1, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise ClassifierError(f"The metrics cannot be written to {path} ({error}); give another file.") from error


def _print(evaluation: Evaluation, options: argparse.Namespace) -> None:
    what = f"{evaluation.count} micrographs, {options.folds} folds grouped by specimen, seed {options.seed}"
    closed_set, calibration = evaluation.closed_set, evaluation.calibration
    for text in (
        accuracy_text(evaluation.to_dict(), what),
        f"Closed-set accuracy (none of these excluded) {closed_set['accuracy']:.1%}, balanced "
        f"{closed_set['balanced_accuracy']:.1%}.",
        f"Expected calibration error of the probabilities {calibration['expected_calibration_error']:.1%}; perfectly "
        f"calibrated ones would show {calibration['expected_by_chance']:.1%} by chance.",
        confusion_table(evaluation),
    ):
        output.print(text, soft_wrap=isinstance(text, str))
