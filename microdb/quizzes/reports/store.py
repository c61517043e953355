"""Reports, stored with a fingerprint of what they were computed from.

A submitted ballot never changes and an opened quiz is fixed, so a report is valid as long as the same ballots count.
A ballot that is submitted, withdrawn, deleted, or counted after all changes the fingerprint, and the report is computed
again.
"""

import hashlib

import msgspec
from django.db import transaction

from microdb.quizzes.composition.integrity import verify
from microdb.quizzes.models import Quiz, StoredReport
from microdb.quizzes.reports import accuracy, behaviour, comparisons
from microdb.quizzes.reports.answer_matrix import answer_matrix
from microdb.quizzes.reports.detections import detections
from microdb.quizzes.reports.left_out import left_out
from microdb.quizzes.reports.questions import question_results
from microdb.quizzes.reports.readers import Readers
from microdb.quizzes.reports.report import Report

ALL_READERS = Readers()
REPORT_VERSION = 2
"""Raise it with every change of a report's content, so that stored reports are computed again."""


def quiz_report(quiz: Quiz, readers: Readers = ALL_READERS) -> Report:
    """The report of an opened quiz on the chosen readers, from the store where it still holds.

    Requests wait for a report that is being computed: a class that finishes together asks for the same one.
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
    matrix, includes_simulated = answer_matrix(quiz, readers)
    pairs = comparisons.differences(matrix)
    counted = list(quiz.ballots.counted().values_list("simulated", flat=True))
    return Report(
        slug=quiz.slug,
        title=quiz.title,
        dataset=quiz.dataset.slug,
        dataset_version=quiz.dataset_version.number if quiz.dataset_version else 0,
        frozen_sha256=quiz.frozen_sha256,
        intact=verify(quiz).intact,
        teaching=quiz.teaching,
        opened_at=quiz.opened_at or quiz.created_at,
        readers=readers.query,
        options=matrix.options,
        question_count=len(matrix.questions),
        real_readers=counted.count(False),
        simulated_readers=counted.count(True),
        includes_simulated=includes_simulated,
        withdrawn_readers=quiz.ballots.exclude(withdrawn_at=None).count(),
        left_out=left_out(quiz),
        panels=accuracy.panel_results(matrix),
        best_expert=accuracy.best_expert(matrix),
        models=accuracy.model_results(matrix),
        comparisons=comparisons.comparisons(matrix, pairs),
        variances=comparisons.variances(matrix, pairs),
        ranks=accuracy.model_ranks(matrix),
        duels=comparisons.duels(matrix),
        detections=detections(matrix),
        agreement=behaviour.agreement(matrix),
        calibration=behaviour.calibrations(matrix),
        confusions=behaviour.confusions(matrix),
        teams=behaviour.teams(matrix),
        pace=behaviour.pace(matrix),
        questions=question_results(matrix),
    )


def _stored(quiz: Quiz, readers: Readers) -> Report | None:
    row = quiz.stored_reports.filter(readers=readers.query, fingerprint=_fingerprint(quiz)).first()
    return msgspec.json.decode(row.document, type=Report) if row else None


def _fingerprint(quiz: Quiz) -> str:
    """Of the fixed quiz, and of the ballots that were submitted or withdrawn, with what decides whether they count."""
    ballots = quiz.ballots.exclude(submitted_at=None, withdrawn_at=None).order_by("pk")
    rows = ballots.values_list("pk", "submitted_at", "panel", "years_of_experience", "repeat_of", "counted_anyway")
    content = f"{REPORT_VERSION} {quiz.frozen_sha256} {quiz.title} {list(rows)}"
    return hashlib.sha256(content.encode()).hexdigest()
