"""How far the readers of a quiz are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, QuerySet

from microdb.quizzes.models import Ballot, Quiz
from microdb.quizzes.sitting.identity import shared_with


@dataclass(frozen=True)
class ReaderRow:
    """A ballot with the number of its answers, when the last was given, and what it shares with an earlier one."""

    ballot: Ballot
    answered: int
    last_at: datetime | None
    shared: list[str]

    @property
    def account_deleted(self) -> bool:
        return bool(self.ballot.account_mark) and self.ballot.user_id is None and not self.ballot.withdrawn_at


def sittings(quiz: Quiz) -> QuerySet[Any]:
    """The ballots of real readers in the order of their beginning, with ``answered`` and ``last_at``."""
    real = quiz.ballots.filter(simulated=False).select_related("repeat_of", "user", "invitation")
    return real.annotate(answered=Count("answers"), last_at=Max("answers__answered_at")).order_by("started_at", "pk")


def reader_row(ballot: Ballot) -> ReaderRow:
    """Of a ballot from ``sittings``."""
    counted = vars(ballot)
    shared = shared_with(ballot, ballot.repeat_of) if ballot.repeat_of else []
    return ReaderRow(ballot, counted["answered"], counted["last_at"], shared)
