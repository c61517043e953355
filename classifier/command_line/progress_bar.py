"""A progress bar on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from classifier.command_line.consoles import errors
from classifier.progress import Callback
from classifier.progress import Progress as Report


@contextmanager
def progress_bar(prefix: str = "") -> Iterator[Callback]:
    """The callback that moves the bar and shows each message after the prefix."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=errors) as bar:
        task = bar.add_task("starting", total=1.0)
        start = f"{prefix}, " if prefix else ""

        def callback(report: Report) -> bool:
            loss = "" if report.loss is None else f", loss {report.loss:.3f}"
            bar.update(task, completed=report.fraction, description=f"{start}{report.stage}: {report.message}{loss}")
            return True

        yield callback
