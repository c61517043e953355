"""Which micrographs an open quiz withholds, and from whom.

From its opening to its closing everybody but its organisers may still take a quiz, so they must not read its truths
elsewhere. File name, specimen, scores and history of a micrograph can give its label away, and its pixels or its hash
identify it, so it is withheld as a whole. So are its near-duplicates, which have the same label.
"""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.models import NearDuplicate, Rule
from microdb.quizzes.models import Question, Quiz


def asked_in_an_open_quiz(user: object, path: str) -> Q:
    """The condition for rows whose micrograph is asked in a quiz that ``user`` may still take, or looks like one."""
    organised = Quiz.objects.organised_by(user).order_by().values("pk")
    asked = Question.objects.filter(quiz__in=Quiz.objects.running().exclude(pk__in=organised).order_by().values("pk"))
    keys = asked.order_by().values("micrograph")
    return (
        Q(Exists(asked.filter(micrograph=OuterRef(path))))
        | Q(Exists(NearDuplicate.objects.filter(first=OuterRef(path), second__in=keys)))
        | Q(Exists(NearDuplicate.objects.filter(second=OuterRef(path), first__in=keys)))
    )


RULE = Rule(
    asked_in_an_open_quiz,
    _(
        "This micrograph is a question of an open quiz, or looks like one. "
        "Only the quiz’s organisers see it until the quiz closes."
    ),
)
