"""``manage.py prepare_demo``: make the demo's user and dataset. Workers and beat do the rest."""

from typing import Any

from django.core.management.base import BaseCommand

from microdb.stack.demo import create_demo


class Command(BaseCommand):
    help = "Make the demo user and the demo dataset where they are missing."

    def handle(self, **_: Any) -> None:
        create_demo()
