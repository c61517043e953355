"""The process that `bench` starts for a method: measures it and prints one JSON object.

python -m classifier.command_line.bench_method METHOD MANIFEST_OR_FOLDER ...
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace

from classifier.benchmark.baselines import MeanFeature, ScaleAlone, Texture
from classifier.benchmark.measure import Limits, measure
from classifier.benchmark.method import METHODS, Method
from classifier.benchmark.naive import Naive
from classifier.benchmark.ours import Ours
from classifier.command_line.config_file import read_config
from classifier.command_line.manifest import Entry, read_entries
from classifier.command_line.parser import add_method_options
from classifier.command_line.progress_bar import progress_bar
from classifier.config import Config
from classifier.errors import ClassifierError
from classifier.samples import Sample


def main() -> int:
    """Measure the given method. A ClassifierError becomes the object's `error`."""
    parser = argparse.ArgumentParser(prog="python -m classifier.command_line.bench_method")
    parser.add_argument("method", choices=METHODS)
    add_method_options(parser)
    options = parser.parse_args()
    try:
        training, quiz = split(read_entries(options.data, None, options.scale), options.split)
        sides = [[in_memory(entry.sample()) for entry in entries] for entries in (training, quiz)]
        limits, build = Limits(options.folds, options.minutes), builders(options)[options.method]
        with progress_bar(options.method) as callback:
            result = measure(build, sides[0], sides[1], limits, options.seed, callback).to_dict()
    except ClassifierError as error:
        result = {"title": options.method, "error": str(error)}
    print(json.dumps(result, ensure_ascii=False))
    return 0


def in_memory(sample: Sample) -> Sample:
    """With its pixels read, so that reading files is not timed."""
    return replace(sample, image=sample.pixels())


def builders(options: argparse.Namespace) -> dict[str, Callable[[], Method]]:
    """How to build each of the METHODS."""
    config, seed = read_config(options.config), options.seed
    paper = config if config.recipe == "paper" else Config.from_dict({"recipe": "paper"})
    paper = replace(paper, scale_free=config.scale_free)
    return {
        "naive": lambda: Naive(seed),
        "scale": ScaleAlone,
        "texture": Texture,
        "lite0": MeanFeature,
        "default": lambda: Ours("this program", config, seed),
        "exact": lambda: Ours("this program, --exact", config, seed, exact=True),
        "paper": lambda: Ours("this program, recipe paper", paper, seed),
    }


def split(entries: list[Entry], only: str | None) -> tuple[list[Entry], list[Entry]]:
    """The training and the quiz entries: those of the splits "train" and "quiz".

    Without a split "train" all entries outside the quiz train. With `only`, that split trains, and there is no quiz.
    """
    if only is not None:
        return [entry for entry in entries if entry.split == only], []
    quiz = [entry for entry in entries if entry.split == "quiz"]
    training = [entry for entry in entries if entry.split == "train"]
    return training or [entry for entry in entries if entry.split != "quiz"], quiz


if __name__ == "__main__":
    sys.exit(main())
