"""One way in a process of its own, so that its peak memory is its own: python -m classifier.benchmark WAY MANIFEST ...

Started by `python -m classifier bench`, which gives the same options; prints one JSON object.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace

from classifier.benchmark.command import add_options
from classifier.benchmark.measure import Limits, measure
from classifier.benchmark.naive import Naive
from classifier.benchmark.ours import Ours
from classifier.benchmark.peers import MeanFeature, ScaleAlone, Texture
from classifier.benchmark.ways import Way
from classifier.command_line.config_file import read_config
from classifier.command_line.manifest import Entry, read_entries
from classifier.command_line.progress_bar import progress_bar
from classifier.config import Config
from classifier.errors import ClassifierError
from classifier.samples import Sample


def main() -> int:
    """Measure the way that is named."""
    parser = argparse.ArgumentParser(prog="python -m classifier.benchmark")
    parser.add_argument("only")
    add_options(parser)
    options = parser.parse_args()
    try:
        training, quiz = split(read_entries(options.data, None, options.scale), options.split)
        sides = [[in_memory(entry.sample()) for entry in entries] for entries in (training, quiz)]
        limits = Limits(options.folds, options.minutes)
        with progress_bar(options.only) as callback:
            found = measure(ways(options)[options.only], sides[0], sides[1], limits, options.seed, callback).to_dict()
    except ClassifierError as error:
        found = {"title": options.only, "error": str(error)}
    print(json.dumps(found, ensure_ascii=False))
    return 0


def in_memory(sample: Sample) -> Sample:
    """With its pixels, so that no way is timed while it reads a file."""
    return replace(sample, image=sample.pixels())


def ways(options: argparse.Namespace) -> dict[str, Callable[[], Way]]:
    """How to build each way."""
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


def split(entries: list[Entry], wanted: str | None) -> tuple[list[Entry], list[Entry]]:
    """What trains and what is the quiz: the splits of these names; without any, everything trains."""
    if wanted is not None:
        return [entry for entry in entries if entry.split == wanted], []
    quiz = [entry for entry in entries if entry.split == "quiz"]
    training = [entry for entry in entries if entry.split == "train"]
    return training or [entry for entry in entries if entry.split != "quiz"], quiz


if __name__ == "__main__":
    sys.exit(main())
