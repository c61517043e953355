"""The list of what organisers did to a quiz."""

from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.quizzes.models import Ballot, Quiz, QuizEvent

REASON_LENGTH = QuizEvent._meta.get_field("reason").max_length or 0
SHORTEST_REASON = 3
_VERBS: dict[str, Verb] = {
    QuizEvent.Kind.OPENED: Verb.QUIZ_OPENED,
    QuizEvent.Kind.CLOSED: Verb.QUIZ_CLOSED,
    QuizEvent.Kind.REOPENED: Verb.QUIZ_REOPENED,
    QuizEvent.Kind.COUNTED: Verb.REPEAT_COUNTED,
    QuizEvent.Kind.LEFT_OUT: Verb.REPEAT_LEFT_OUT,
}


def note_event(*, quiz: Quiz, kind: str, by: User | None, reason: str = "", ballot: Ballot | None = None) -> QuizEvent:
    name = by.get_username() if by else ""
    record(_VERBS[kind], about=quiz, reason=reason, ballot=ballot.pk if ballot else None)
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
