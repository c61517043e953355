"""The command `train`."""

import argparse
import shutil

from classifier.command_line.config_file import read_config
from classifier.command_line.consoles import output
from classifier.command_line.manifest import read_entries
from classifier.command_line.progress_bar import progress_bar
from classifier.command_line.tables import accuracy_text
from classifier.estimator import Classifier


def train(options: argparse.Namespace) -> int:
    """Train a model and write it. A training that was stopped resumes from its checkpoint."""
    samples = [entry.sample() for entry in read_entries(options.data, options.split, options.scale)]
    checkpoint = options.out / "checkpoint"
    with progress_bar() as callback:
        classifier = Classifier(read_config(options.config), options.seed).fit(samples, callback, checkpoint)
    classifier.save(options.out)
    shutil.rmtree(checkpoint, ignore_errors=True)  # a short training has none
    metrics = classifier.metrics_
    if metrics["held_out"]:
        text = accuracy_text(metrics, f"{metrics['held_out']} micrographs of held-out specimens")
    else:
        text = "Too few specimens to hold any out: the accuracy was not measured."
    output.print(text, soft_wrap=True)
    output.print(f"Trained on {sum(metrics['counts'].values())} micrographs in {metrics['seconds']} s: {options.out}")
    return 0
