"""``manage.py backfill_records``: what microscopes recorded of micrographs that were stored before it was kept."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.services import reread_records


class Command(BaseCommand):
    help = "Read the microscope's record of micrographs that have none; may be interrupted and started again."

    def handle(self, *args: Any, **options: Any) -> None:
        found, without, left = 0, 0, 0
        datasets = set()
        for one in reread_records():
            datasets.add(one.micrograph.dataset_id)
            if one.error:
                left += 1
                self.stderr.write(f"{one.micrograph.filename} ({one.micrograph.pk}): {one.error}")
            elif one.found:
                found += 1
            else:
                without += 1
        touch(datasets)
        summary = f"{found} records stored, {without} files without one, {left} could not be read."
        if left:
            raise CommandError(summary)
        self.stdout.write(summary)
