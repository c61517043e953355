"""Which micrographs an open quiz withholds, and from whom.

From its opening to its closing everybody but its organisers may still take a quiz, so they must not read its truths
elsewhere. File name, specimen, scores and history of a micrograph can give its label away, and its pixels or its hash
identify it, so it is withheld as a whole. So are its near-duplicates, which have the same label.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.models import NearDuplicate, Rule
from microdb.quizzes.models import Question, Quiz


def asked_in_open_quizzes(user: object) -> QuerySet[Any, Any]:
    """The keys of micrographs asked in a quiz that ``user`` may still take, and of those that look like one."""
    organised = Quiz.objects.organised_by(user).order_by().values("pk")
    open_to = Quiz.objects.running().exclude(pk__in=organised).order_by().values("pk")
    asked = Question.objects.filter(quiz__in=open_to).order_by().values("micrograph")
    alike = NearDuplicate.objects.order_by()
    return asked.union(alike.filter(second__in=asked).values("first"), alike.filter(first__in=asked).values("second"))


RULE = Rule(
    asked_in_open_quizzes,
    _(
        "This micrograph is a question of an open quiz, or looks like one. "
        "Only the quiz’s organisers see it until the quiz closes."
    ),
)
