"""The command `evaluate`."""

import argparse

from classifier.command_line.config_file import read_config
from classifier.command_line.consoles import output
from classifier.command_line.manifest import read_entries
from classifier.command_line.progress_bar import progress_bar
from classifier.command_line.tables import accuracy_text, confusion_table, curve_table, seeds_table
from classifier.evaluation.cross_validation import Evaluation, evaluate_seeds
from classifier.evaluation.learning_curve import learning_curve


def evaluate(options: argparse.Namespace) -> int:
    """Cross-validate, also for a learning curve or with several seeds, and print the metrics."""
    samples = [entry.sample() for entry in read_entries(options.data, options.split, options.scale)]
    config = read_config(options.config)
    seeds = range(options.seed, options.seed + options.seeds)
    with progress_bar() as callback:
        if options.learning_curve:
            points = learning_curve(samples, config, options.folds, options.seed, callback)
            evaluations, table = [points[-1].evaluation], curve_table(points)
        else:
            evaluations = evaluate_seeds(samples, config, options.folds, seeds, callback)
            table = seeds_table(seeds, evaluations)
    _print(evaluations[0], options)
    if options.learning_curve or len(seeds) > 1:
        output.print(table)
    return 0


def _print(evaluation: Evaluation, options: argparse.Namespace) -> None:
    what = f"{evaluation.count} micrographs, {options.folds} folds grouped by specimen, seed {options.seed}"
    closed_set, error = evaluation.closed_set, evaluation.calibration["expected_calibration_error"]
    for text in (
        accuracy_text(evaluation.to_dict(), what),
        f"Closed-set accuracy (none of these excluded) {closed_set['accuracy']:.1%}, balanced "
        f"{closed_set['balanced_accuracy']:.1%}.",
        f"Expected calibration error of the probabilities {error:.1%}.",
        confusion_table(evaluation),
    ):
        output.print(text, soft_wrap=isinstance(text, str))
