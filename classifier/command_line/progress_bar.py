"""A bar on stderr that follows what the classifier reports."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from classifier.progress import Callback
from classifier.progress import Progress as Report

errors = Console(stderr=True)


@contextmanager
def progress_bar(what: str = "") -> Iterator[Callback]:
    """The callback that moves the bar; `what` stands before each message."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=errors) as bar:
        task = bar.add_task("starting", total=1.0)
        start = f"{what}, " if what else ""

        def callback(report: Report) -> bool:
            loss = "" if report.loss is None else f", loss {report.loss:.3f}"
            bar.update(task, completed=report.fraction, description=f"{start}{report.stage}: {report.message}{loss}")
            return True

        yield callback
