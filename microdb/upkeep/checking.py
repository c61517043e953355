"""Comparing the rows of the site with its files."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.utils import timezone

from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.hashing import file_sha256
from microdb.upkeep.repairing import repaired, set_aside
from microdb.upkeep.stored_files import StoredFile, files_in_storage, is_older, named_files

ORPHAN_AGE = timedelta(days=1)
"""A younger file without a row may be one that is being stored."""
MOST_LISTED = 1000
REPORT = "upkeep-file-check"
MISSING, ALTERED, ORPHAN = "missing", "altered", "orphan"


@dataclass(frozen=True)
class Problem:
    """A file that is missing, altered or without a row; ``of`` names what it belongs to."""

    problem: str
    kind: str
    name: str
    of: str
    repaired: bool


@dataclass
class Report:
    """What a check found. At most ``MOST_LISTED`` problems are listed; the counts are complete."""

    started_at: datetime
    checked: int = 0
    seconds: float = 0.0
    finished: bool = False
    counts: dict[str, int] = field(default_factory=lambda: {MISSING: 0, ALTERED: 0, ORPHAN: 0})
    repaired: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def open(self) -> int:
        """Problems that are left."""
        return sum(self.counts.values()) - self.repaired

    def add(self, problem: Problem) -> None:
        self.counts[problem.problem] += 1
        self.repaired += problem.repaired
        if len(self.problems) < MOST_LISTED:
            self.problems.append(problem)


def check_files(
    *,
    repair: bool = False,
    orphan_age: timedelta = ORPHAN_AGE,
    found: Callable[[Problem], object] = lambda problem: None,
) -> Report:
    """Look for every file that a row names, compare it with its SHA-256, and find files without a row.

    With ``repair``, what can be made again or is there twice is mended, and files without a row are set aside. The
    report is kept for the page, also when the check is interrupted.
    """
    start, report = time.monotonic(), Report(timezone.now())
    stored = set(files_in_storage())
    try:
        for problem in _problems(stored, report, repair=repair, orphan_age=orphan_age):
            report.add(problem)
            found(problem)
        report.finished = True
    finally:
        report.seconds = time.monotonic() - start
        cache.set(REPORT, asdict(report), timeout=None)
        if report.repaired:
            record(Verb.FILES_REPAIRED, number=report.repaired)
    return report


def last_report() -> Report | None:
    """Of the latest check; None where there was none."""
    kept: dict[str, Any] | None = cache.get(REPORT)
    if kept is None:
        return None
    return Report(**kept | {"problems": [Problem(**problem) for problem in kept["problems"]]})


def _problems(stored: set[str], report: Report, *, repair: bool, orphan_age: timedelta) -> Iterator[Problem]:
    """Orphans come first: one of them may be what a row has lost."""
    named = {file.name for file in named_files()}
    for name in sorted(stored - named):
        if is_older(name, orphan_age):
            mended = repair and set_aside(name)
            yield Problem(ORPHAN, "file without a row", name, "", mended)
    for file in named_files():
        report.checked += 1
        problem = _problem_of(file)
        if problem and file.is_still_named():
            mended = repair and repaired(file)
            yield Problem(problem, file.kind, file.name, file.described(), mended)


def _problem_of(file: StoredFile) -> str:
    """Empty where the file is whole."""
    if not file.sha256:
        return "" if default_storage.exists(file.name) else MISSING
    try:
        with default_storage.open(file.name) as opened:
            return "" if file_sha256(opened) == file.sha256 else ALTERED
    except FileNotFoundError:
        return MISSING
