"""``manage.py backfill_measurements``: annotation boxes and lettering of micrographs that were stored before."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from microdb.micrographs.services import remeasure


class Command(BaseCommand):
    help = (
        "Look for annotation boxes, which are masked, and for the length at the micron bar in micrographs that were "
        "stored before these were looked for; may be interrupted and started again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        searched, boxes, letterings, left = 0, 0, 0, 0
        for one in remeasure():
            if one.error:
                left += 1
                self.stderr.write(f"{one.micrograph.filename} ({one.micrograph.pk}): {one.error}")
                continue
            searched += 1
            boxes += one.boxes
            letterings += one.lettering
        summary = (
            f"{searched} micrographs searched: {boxes} boxes masked, {letterings} micron bars whose length is being "
            f"read. {left} could not be read."
        )
        if left:
            raise CommandError(summary)
        self.stdout.write(summary)
