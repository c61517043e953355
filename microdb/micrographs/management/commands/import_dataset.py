"""``manage.py import_dataset PATH --name NAME``: a dataset from a folder, a manifest or a zip."""

import zipfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.import_export.archive import unpacked
from microdb.micrographs.import_export.source import Source, SourceRow, read_source
from microdb.micrographs.import_export.specimens_csv import SpecimenTable, read_specimens
from microdb.micrographs.models import Dataset
from microdb.micrographs.services import dataset_to_import_into, describe_as_exported, import_rows, import_specimens


class Command(BaseCommand):
    help = (
        "Import micrographs from a folder with micrographs.csv, a folder with one subfolder per class, a flat folder, "
        "a CSV file, or a zip of any of them. Run it again to go on after a crash: what is there is passed over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--name", required=True, help="the dataset's name; made if its owner has none of that name")
        parser.add_argument("--owner", help="username; default: the user demo, else the only superuser")

    def handle(self, *, path: Path, name: str, owner: str | None, **_: Any) -> None:
        try:
            by = _owner(owner)
            with _offered(path) as source:
                for note in source.notes:
                    self.stderr.write(note)
                specimens = read_specimens(source.specimens) if source.specimens else None
                dataset, new = dataset_to_import_into(name=name.strip(), by=by)
                if new:
                    describe_as_exported(dataset=dataset, exported=source.exported)
                refused = self._import(dataset, source.rows, by)
                if new and not dataset.micrographs.exists():
                    dataset.delete()
                    self.stderr.write("Nothing could be imported, so no dataset was made.")
                elif specimens:
                    refused += self._describe(dataset, specimens, by, new=new)
        except MicroDBError as error:
            raise CommandError(error.message) from error
        if refused:
            raise SystemExit(1)

    def _import(self, dataset: Dataset, rows: list[SourceRow], by: User) -> int:
        """The number of refused rows, each written to stderr at once."""
        counts: Counter[str] = Counter()
        for outcome in import_rows(dataset=dataset, rows=rows, by=by):
            if outcome.micrograph:
                counts["imported"] += 1
                counts[outcome.micrograph.split or "neither train nor quiz"] += 1
            elif outcome.already_there:
                counts["there already"] += 1
                counts["with a sidecar"] += outcome.took_sidecar
            else:
                counts["refused"] += 1
                self.stderr.write(f"{outcome.row.entry.filename}: {outcome.error}")
        self.stdout.write(_summary(dataset, counts))
        return counts["refused"]

    def _describe(self, dataset: Dataset, table: SpecimenTable, by: User, *, new: bool) -> int:
        """The number of refused rows of the table of specimens, each written to stderr."""
        found = import_specimens(dataset=dataset, table=table, by=by, new=new)
        for note in found.notes:
            self.stderr.write(note)
        for name, problem in found.problems:
            self.stderr.write(f"{table.name}, {name}: {problem}")
        described = len(found.updates) + len(found.unused)
        self.stdout.write(f"{described} specimens described, {found.same} as before, {len(found.problems)} refused.")
        return len(found.problems)


def _summary(dataset: Dataset, counts: Counter[str]) -> str:
    splits = ", ".join(
        f"{counts[split]} {split}" for split in ("train", "quiz", "neither train nor quiz") if counts[split]
    )
    classes = ", ".join(dataset.material_classes.values_list("name", flat=True)) or "none"
    taken = f" ({counts['with a sidecar']} took the scale of their sidecar)" if counts["with a sidecar"] else ""
    return (
        f"{dataset.slug}: {counts['imported']} micrographs imported{f' ({splits})' if splits else ''}, "
        f"{counts['there already']} there already{taken}, {counts['refused']} refused. Classes: {classes}."
    )


@contextmanager
def _offered(path: Path) -> Iterator[Source]:
    if path.is_file() and zipfile.is_zipfile(path):
        with unpacked(path) as folder:
            yield read_source(folder, unpacked=True)
    else:
        yield read_source(path)


def _owner(username: str | None) -> User:
    if username:
        if user := User.objects.filter(username=username).first():
            return user
        raise CommandError(f"There is no user {username!r}. Make one with: manage.py createsuperuser")
    if demo := User.objects.filter(username="demo").first():
        return demo
    superusers = list(User.objects.filter(is_superuser=True, is_active=True)[:2])
    if len(superusers) == 1:
        return superusers[0]
    raise CommandError("Say whose the dataset will be: --owner USER. Make a user with: manage.py createsuperuser")
