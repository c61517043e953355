"""The commands: which there are, and what they take."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from microdb.client import commands
from microdb.client.errors import ClientError
from microdb.client.screen import say

FAILED, INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code: 0, 1 where something failed, 2 for wrong usage, 130 after Ctrl-C."""
    given = parser().parse_args(arguments)
    try:
        return int(given.run(given))
    except ClientError as error:
        say(f"Error: {error}")
        return FAILED
    except KeyboardInterrupt:
        say("Stopped. Run the same command again: it goes on where it was.")
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """Of all commands."""
    whole = argparse.ArgumentParser(prog="python -m microdb.client", description="Work with a MicroDB site by script.")
    chosen = whole.add_subparsers(required=True, metavar="COMMAND")

    login = chosen.add_parser("login", help="store a site's address and a token for the other commands")
    login.add_argument("url", metavar="URL", help="of the site, such as https://microdb.example.org")
    login.add_argument("--token", help="made on the page API tokens; default: asked for")
    login.set_defaults(run=commands.login)

    datasets = chosen.add_parser("datasets", help="list the datasets that you see")
    datasets.set_defaults(run=commands.datasets)

    upload = _with_dataset(chosen.add_parser("upload", help="add micrographs to a dataset; what it has is not sent"))
    upload.add_argument("path", metavar="PATH", type=Path, help="a folder, with a manifest or subfolders, or a file")
    upload.add_argument("--manifest", type=Path, metavar="CSV", help="default: the one in the folder")
    upload.add_argument("--add-classes", action="store_true", help="make the classes that the dataset lacks")
    upload.set_defaults(run=commands.upload)

    train = _with_dataset(chosen.add_parser("train", help="start a training"))
    train.add_argument("--watch", action="store_true", help="wait until it ends; exit with 1 if it fails")
    train.set_defaults(run=commands.train)

    export = _with_dataset(chosen.add_parser("export", help="store a trained model version as a zip"))
    export.add_argument("version", metavar="VERSION", type=int, help="its number")
    export.add_argument("file", metavar="ZIP", type=Path, help="where to write it; python -m classifier score takes it")
    export.set_defaults(run=commands.export)

    import_model = _with_dataset(chosen.add_parser("import", help="make a model version of such a zip"))
    import_model.add_argument("file", metavar="ZIP", type=Path)
    import_model.set_defaults(run=commands.import_model)

    watch = _with_dataset(chosen.add_parser("watch", help="score each new file of a folder, verdicts beside them"))
    watch.add_argument("folder", metavar="FOLDER", type=Path)
    watch.add_argument("--settle", type=float, default=3.0, metavar="SECONDS", help="a file may not change for; 3")
    watch.add_argument("--new-only", action="store_true", help="leave files alone that are there already")
    watch.add_argument("--add", action="store_true", help="also make the files part of the dataset")
    watch.set_defaults(run=commands.watch)

    score = _with_dataset(
        chosen.add_parser("score", help="score files; run again after a break, nothing is sent twice")
    )
    score.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="files and folders")
    score.add_argument("--manifest", type=Path, metavar="CSV", help="with the scale of each file, for example")
    score.add_argument("--pixels-per-micrometre", type=float, metavar="X", help="of files without a scale of their own")
    score.add_argument("--csv", type=Path, metavar="CSV", help="default: standard output")
    score.add_argument("--add", action="store_true", help="also make the files part of the dataset")
    score.set_defaults(run=commands.score)

    results = _with_dataset(chosen.add_parser("results", help="the results of a batch"))
    results.add_argument("batch", metavar="BATCH", nargs="?", default="", help="its id; default: the latest batch")
    results.add_argument("--csv", type=Path, metavar="CSV", help="default: standard output")
    results.set_defaults(run=commands.results)
    return whole


def _with_dataset(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("dataset", metavar="DATASET_SLUG", help="as in the address of the dataset's page")
    return parser
