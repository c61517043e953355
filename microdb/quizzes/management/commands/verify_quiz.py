"""``manage.py verify_quiz SLUG``: check an opened quiz against the record and the hash from its opening."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError

from microdb.quizzes.composition.integrity import verify
from microdb.quizzes.models import Quiz
from microdb.training.models import ModelVersion


class Command(BaseCommand):
    help = "Check that nothing which was fixed when a quiz opened has been changed; exit code 1 where something has."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("quiz", metavar="QUIZ_SLUG")
        parser.add_argument("--hash", help="the hash that you noted when the quiz opened")
        parser.add_argument("--record", type=Path, help="a downloaded record, to check it too")

    def handle(self, *, quiz: str, hash: str | None, record: Path | None, **_: Any) -> None:
        found = find_quiz(quiz)
        verification = verify(found)
        faults = [] if verification.hash_holds else ["The record does not have the published hash."]
        faults += [f"The database differs from the record in: {name}." for name in verification.changed]
        faults += [fault for version in found.competitors.order_by("number") if (fault := artifact_fault(version))]
        if hash and hash.strip().lower() != found.frozen_sha256:
            faults.append(f"The hash that you gave is not the one of this quiz, {found.frozen_sha256}.")
        if record:
            faults += file_faults(record, found)
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{found.frozen_sha256}  {found.slug}")
        self.stdout.write(self.style.SUCCESS(f"Verified, record format {verification.record_format}."))


def find_quiz(slug: str) -> Quiz:
    """The opened quiz; a CommandError with the known ones otherwise."""
    opened = Quiz.objects.filter(opened_at__isnull=False).select_related("dataset", "dataset_version")
    if found := opened.filter(slug=slug).first():
        return found
    known = ", ".join(opened.values_list("slug", flat=True)[:20]) or "none yet"
    raise CommandError(f"There is no opened quiz {slug!r}. Opened quizzes: {known}.")


def artifact_fault(version: ModelVersion) -> str:
    """What is wrong with a competitor's stored model file; empty for nothing. Versions without a file have no hash."""
    if not version.artifact_sha256:
        return ""
    name = str(version.artifact.name)
    if not name or not default_storage.exists(name):
        return f"The file of model version {version.number} is missing."
    with default_storage.open(name) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return "" if digest == version.artifact_sha256 else f"The file of model version {version.number} has been changed."


def file_faults(path: Path, quiz: Quiz) -> list[str]:
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error}.") from error
    return [] if digest == quiz.frozen_sha256 else [f"{path} does not have the hash of this quiz."]
