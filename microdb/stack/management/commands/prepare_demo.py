"""``manage.py prepare_demo``: the demo's user and dataset; workers and beat do the rest in the background."""

from typing import Any

from django.core.management.base import BaseCommand

from microdb.stack.demo import create_demo


class Command(BaseCommand):
    help = "Make the demo user and the demo dataset where they are missing."

    def handle(self, **_: Any) -> None:
        create_demo()
