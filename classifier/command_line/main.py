"""Runs a command. Progress goes to stderr, results to stdout.

Exit codes: 0 success, 1 something failed, 2 wrong usage, 130 stopped by Ctrl-C.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from classifier.command_line.consoles import errors
from classifier.command_line.parser import build_parser
from classifier.errors import ClassifierError

FAILED, INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    data: Path | list[Path] = options.data
    if isinstance(data, Path) and not data.exists():
        parser.error(f"there is no {data}; give a manifest or a folder")
    try:
        return run(options)
    except ClassifierError as error:
        errors.print(f"[red]{error}[/red]", highlight=False, soft_wrap=True)
        return FAILED
    except KeyboardInterrupt:
        errors.print("Stopped.")
        return INTERRUPTED


def run(options: argparse.Namespace) -> int:
    """Import and run the command; --help and wrong usage are faster without the imports."""
    match options.command:
        case "train":
            from classifier.command_line.train import train as command
        case "score":
            from classifier.command_line.score import score as command
        case "evaluate":
            from classifier.command_line.evaluate import evaluate as command
        case _:
            from classifier.command_line.bench import bench as command
    return command(options)
