"""Ballots that no figure counts, reported beside those that count."""

from django.db.models import Count, F, Q

from microdb.quizzes.models import Quiz
from microdb.quizzes.reports.accuracy import panel_label
from microdb.quizzes.reports.report import LeftOut

KINDS = {
    "partial": Q(submitted_at__isnull=False, complete=False),
    "repeat": Q(complete=True, repeat_of__isnull=False, counted_anyway=False),
}


def left_out(quiz: Quiz) -> list[LeftOut]:
    """Real readers by kind and panel, with their given and right answers."""
    right = Count("answers", filter=Q(answers__option=F("answers__question__truth")))
    real = quiz.ballots.filter(simulated=False).order_by()
    return [
        LeftOut(kind, panel, panel_label(panel), readers, answered, good)
        for kind, condition in KINDS.items()
        for panel, readers, answered, good in real.filter(condition)
        .values_list("panel")
        .annotate(readers=Count("pk", distinct=True), answered=Count("answers"), right=right)
        .order_by("panel")
    ]
