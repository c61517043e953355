"""The list of what organisers did to a quiz."""

from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.quizzes.models import Ballot, Quiz, QuizEvent

REASON_LENGTH = QuizEvent._meta.get_field("reason").max_length or 0
SHORTEST_REASON = 3


def note_event(*, quiz: Quiz, kind: str, by: User | None, reason: str = "", ballot: Ballot | None = None) -> QuizEvent:
    name = by.get_username() if by else ""
    return QuizEvent.objects.create(quiz=quiz, kind=kind, by=by, by_name=name, reason=reason, ballot=ballot)


def clean_reason(reason: str) -> str:
    """The reason on one line. Raises MicroDBError for one that is missing or too long."""
    cleaned = " ".join(reason.split())
    if not SHORTEST_REASON <= len(cleaned) <= REASON_LENGTH:
        raise MicroDBError(
            _("Give a reason of %(least)d to %(most)d characters; %(given)d were given. The results show it.")
            % {"least": SHORTEST_REASON, "most": REASON_LENGTH, "given": len(cleaned)},
            code="bad_reason",
        )
    return cleaned
