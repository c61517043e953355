"""``manage.py check_files``: do the rows of the site and its files agree?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from microdb.upkeep.checking import Problem, check_files


class Command(BaseCommand):
    help = "Compare the rows of the site with its files and their SHA-256, and find files without a row."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="mend what can be mended, and set orphans aside")

    def handle(self, *args: Any, repair: bool, **options: Any) -> None:
        report = check_files(repair=repair, found=self._show)
        counts = ", ".join(f"{count} {problem}" for problem, count in report.counts.items())
        summary = f"{report.checked} files checked in {report.seconds:.0f} s: {counts}, {report.repaired} repaired."
        if report.open:
            raise CommandError(f"{summary} {report.open} left.")
        self.stdout.write(summary)

    def _show(self, problem: Problem) -> None:
        of = f" of {problem.of}" if problem.of else ""
        self.stderr.write(f"{problem.problem}: {problem.kind}{of}, {problem.name}{' (repaired)' * problem.repaired}")
