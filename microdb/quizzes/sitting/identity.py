"""Recognising a second sitting of one person, by codes from which nobody can read a name or an account.

A code is an HMAC of the quiz and of a cookie, an account or a nickname. Ballots of different quizzes cannot be linked
by it. A ballot from a single-use invitation has them too, because its reader may know another link.
"""

import re
import unicodedata

from django.db.models import Exists, Max, OuterRef, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.quizzes.models import Answer, Ballot, Quiz, QuizEvent, TruthsShown

MARKS = ("browser_mark", "account_mark", "name_mark")
BROWSER_TOKEN = re.compile(r"[0-9a-f]{32}")


def marks_of(quiz: Quiz, *, nickname: str, user: User | None, browser: str) -> dict[str, str]:
    """The codes of a new ballot; empty where there is no account or no cookie."""
    given = {
        "browser_mark": browser if BROWSER_TOKEN.fullmatch(browser) else "",
        "account_mark": str(user.pk) if user else "",
        "name_mark": " ".join(unicodedata.normalize("NFKC", nickname).casefold().split()),
    }
    return {field: _code(quiz, field, value) if value else "" for field, value in given.items()}


def same_person(ballot: Ballot) -> Q:
    """The condition for ballots that share a code with this one, itself included."""
    shared = Q(pk=ballot.pk)
    for field in MARKS:
        if code := getattr(ballot, field):
            shared |= Q(**{field: code})
    return Q(quiz=ballot.quiz_id, simulated=False) & shared


def earlier_sitting(ballot: Ballot) -> Ballot | None:
    """The first other ballot of the same person that makes this one a repeat, because its reader may know truths.

    That is one of ``may_know_truths``, one that was withdrawn after that, and in teaching mode one that was begun
    before and has an answer. Other incomplete ballots show no truth, so whoever submitted one may sit again.
    """
    others = Ballot.objects.filter(same_person(ballot)).exclude(pk=ballot.pk)
    knows = may_know_truths(ballot.quiz) | Q(withdrawn_at__isnull=False)
    if ballot.quiz.teaching:
        answered = Exists(Answer.objects.filter(ballot=OuterRef("pk")))
        knows |= Q(answered, started_at__lt=ballot.started_at)
    return others.filter(knows).order_by("started_at", "pk").first()


def may_know_truths(quiz: Quiz) -> Q:
    """The condition for ballots whose readers may have seen truths after their sitting: complete ones, and where the
    closing of the quiz shows truths, all that were submitted before it.
    """
    if quiz.truths_shown != TruthsShown.AFTER_CLOSING:
        return Q(complete=True)
    if quiz.is_closed:
        return Q(submitted_at__isnull=False)
    reopened = quiz.events.filter(kind=QuizEvent.Kind.REOPENED).aggregate(at=Max("at"))["at"]
    return Q(complete=True) | Q(submitted_at__lt=reopened) if reopened else Q(complete=True)


def shared_with(ballot: Ballot, earlier: Ballot) -> list[str]:
    """What the two ballots have in common, in words."""
    words = {"browser_mark": _("browser"), "account_mark": _("account"), "name_mark": _("name")}
    return [
        words[field] for field in MARKS if getattr(ballot, field) and getattr(ballot, field) == getattr(earlier, field)
    ]


def _code(quiz: Quiz, field: str, value: str) -> str:
    return salted_hmac(f"quiz-{field}", f"{quiz.pk}:{value}", algorithm="sha256").hexdigest()
