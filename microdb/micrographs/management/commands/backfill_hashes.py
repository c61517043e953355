"""``manage.py backfill_hashes``: duplicates and flaws of micrographs that were read before these were computed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from microdb.errors import MicroDBError
from microdb.micrographs.models import Micrograph
from microdb.micrographs.services import add_hashes


class Command(BaseCommand):
    help = "Read micrographs again that lack the hashes of their pixels; may be interrupted and started again."

    def handle(self, *args: Any, **options: Any) -> None:
        lacking = Micrograph.objects.ready().filter(Q(pixel_sha256="") | Q(perceptual_hash=None))
        filled, left = 0, 0
        for micrograph in lacking.order_by("pk").iterator(chunk_size=500):
            try:
                add_hashes(micrograph=micrograph)
                filled += 1
            except (MicroDBError, FileNotFoundError) as error:
                left += 1
                self.stderr.write(f"{micrograph.filename} ({micrograph.pk}): {error}")
        summary = "1 micrograph got its hashes" if filled == 1 else f"{filled} micrographs got their hashes"
        summary = f"{summary}, {left} could not be read."
        if left:
            raise CommandError(summary)
        self.stdout.write(summary)
