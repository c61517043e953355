"""Reports, computed once for what they are computed from.

A submitted ballot never changes and an opened quiz is fixed, so a report holds as long as the same ballots are there:
its fingerprint is of their keys. A ballot that is submitted, withdrawn or deleted makes the stored report void.
"""

import hashlib

import msgspec
from django.db import transaction

from microdb.quizzes.composition.integrity import is_intact
from microdb.quizzes.models import Quiz, StoredReport
from microdb.quizzes.reports import accuracy, behaviour
from microdb.quizzes.reports.answer_matrix import tally
from microdb.quizzes.reports.questions import question_results
from microdb.quizzes.reports.readers import Readers
from microdb.quizzes.reports.report import Report

ALL_READERS = Readers()
SHAPE = 1
"""Raise it with every change of what a report says, so that stored ones are made again."""


def quiz_report(quiz: Quiz, readers: Readers = ALL_READERS) -> Report:
    """The report of an opened quiz on the chosen readers, from the store where it still holds.

    Whoever asks while it is being computed waits for that one: a class that finishes together asks together.
    """
    if stored := _stored(quiz, readers):
        return stored
    with transaction.atomic():
        Quiz.objects.select_for_update(no_key=True).get(pk=quiz.pk)  # no_key: ballots can begin meanwhile
        if stored := _stored(quiz, readers):
            return stored
        fingerprint = _fingerprint(quiz)
        report = compute_report(quiz, readers)
        document = msgspec.json.encode(report).decode()
        StoredReport.objects.update_or_create(
            quiz=quiz, readers=readers.query, defaults={"fingerprint": fingerprint, "document": document}
        )
    return report


def compute_report(quiz: Quiz, readers: Readers) -> Report:
    """The report from the rows as they are now."""
    counted, includes_simulated = tally(quiz, readers)
    panels, models = accuracy.panel_results(counted), accuracy.model_results(counted)
    ballots = list(quiz.ballots.values_list("simulated", "submitted_at", "withdrawn_at"))
    submitted = [simulated for simulated, submitted_at, _withdrawn in ballots if submitted_at]
    return Report(
        slug=quiz.slug,
        title=quiz.title,
        dataset=quiz.dataset.slug,
        dataset_version=quiz.dataset_version.number if quiz.dataset_version else 0,
        frozen_sha256=quiz.frozen_sha256,
        intact=is_intact(quiz),
        teaching=quiz.teaching,
        opened_at=quiz.opened_at or quiz.created_at,
        readers=readers.query,
        options=counted.options,
        question_count=len(counted.questions),
        real_readers=submitted.count(False),
        simulated_readers=submitted.count(True),
        includes_simulated=includes_simulated,
        withdrawn_readers=sum(bool(withdrawn) for _simulated, _submitted, withdrawn in ballots),
        panels=panels,
        best_expert=accuracy.best_expert(counted),
        models=models,
        comparisons=accuracy.comparisons(counted, models, panels),
        duels=accuracy.duels(counted),
        agreement=behaviour.agreement(counted),
        calibration=behaviour.calibrations(counted),
        confusions=behaviour.confusions(counted),
        teams=behaviour.teams(counted),
        pace=behaviour.pace(counted),
        questions=question_results(counted),
    )


def _stored(quiz: Quiz, readers: Readers) -> Report | None:
    row = quiz.stored_reports.filter(readers=readers.query, fingerprint=_fingerprint(quiz)).first()
    return msgspec.json.decode(row.document, type=Report) if row else None


def _fingerprint(quiz: Quiz) -> str:
    """Of the ballots that count or were withdrawn, and of the fixed quiz."""
    ballots = quiz.ballots.exclude(submitted_at=None, withdrawn_at=None).order_by("pk")
    rows = ballots.values_list("pk", "submitted_at", "panel", "years_of_experience")
    said = f"{SHAPE} {quiz.frozen_sha256} {quiz.title} {list(rows)}"
    return hashlib.sha256(said.encode()).hexdigest()
