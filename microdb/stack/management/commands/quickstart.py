"""`manage.py quickstart`: database, queue, web and workers with one command, stopped with Ctrl-C."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from microdb.stack import InUse, StackError
from microdb.stack.quickstart import Quickstart


class Command(BaseCommand):
    help = "Run the whole site: Postgres, Valkey, web, workers and beat, with the demo. Ctrl-C stops everything."
    requires_system_checks: list[str] = []  # they need the database, which runs only later

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-demo", action="store_true", help="make neither the demo user nor the demo dataset")

    def handle(self, *args: Any, host: str, port: int, no_demo: bool, **options: Any) -> None:
        start = Quickstart(settings.BASE_DIR, settings.VAR, host, port, demo=not no_demo, print_line=self._print_line)
        try:
            start.run()
        except StackError as error:
            raise CommandError(str(error), returncode=2 if isinstance(error, InUse) else 1) from None

    def _print_line(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
