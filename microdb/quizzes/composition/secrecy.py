"""Which micrographs an open quiz withholds, and from whom.

From its opening to its closing everybody but its organisers may still take a quiz, so they must not read its truths
elsewhere. File name, specimen, scores and history of a micrograph can give its label away, and its pixels or its hash
identify it, so it is withheld as a whole. So are its near-duplicates, which have the same label.

The same file may be in other datasets, too. There it is withheld from those who can sit the quiz as themselves: members
of the quiz's dataset, readers who sat down signed in, and staff. People who know nothing of the quiz keep their own
micrographs.
"""

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import User
from microdb.micrographs.models import Micrograph, Rule
from microdb.quizzes.models import Quiz, QuizQuerySet

Keys = QuerySet[Any, Any]
"""A list of keys, of whichever model has them."""


def asked_in_open_quizzes(user: object) -> Keys:
    """The keys of micrographs asked in a quiz that ``user`` may still take, and of those that look like one."""
    running = Quiz.objects.running().exclude(pk__in=Quiz.objects.organised_by(user).order_by().values("pk"))
    quizzes = _keys(running)
    if not quizzes:
        return Micrograph.objects.none().values("pk")
    reached = _keys(_within_reach_of(user, running))
    found = RawSQL(ASKED_OR_ALIKE, [quizzes, reached, reached])  # nosec B611 # constant SQL
    return Micrograph.objects.filter(pk__in=found).order_by().values("pk")


def _within_reach_of(user: object, quizzes: QuizQuerySet) -> QuizQuerySet:
    """Those in a dataset of which ``user`` is a member, whatever a token allows, or which they sat; for staff all."""
    if not isinstance(user, User) or user.is_staff or user.is_superuser:
        return quizzes
    return quizzes.filter(Q(dataset__memberships__user=user) | Q(ballots__user=user))


def _keys(quizzes: QuizQuerySet) -> list[Any]:
    return list(quizzes.order_by().values_list("pk", flat=True))


ASKED_OR_ALIKE = """
    WITH asked AS (
        SELECT m.id, m.sha256, m.pixel_sha256, q.quiz_id
        FROM quizzes_question q JOIN micrographs_micrograph m ON m.id = q.micrograph_id WHERE q.quiz_id = ANY(%s)),
    same AS (
        SELECT id FROM asked
        UNION SELECT m.id FROM asked a JOIN micrographs_micrograph m ON m.sha256 = a.sha256 WHERE a.quiz_id = ANY(%s)
        UNION SELECT m.id FROM asked a JOIN micrographs_micrograph m ON m.pixel_sha256 = a.pixel_sha256
            WHERE a.quiz_id = ANY(%s) AND a.pixel_sha256 <> '')
    SELECT id FROM same
    UNION SELECT n.first_id FROM same JOIN micrographs_nearduplicate n ON n.second_id = same.id
    UNION SELECT n.second_id FROM same JOIN micrographs_nearduplicate n ON n.first_id = same.id"""
"""Of quizzes: their questions, the same bytes or pixels in any dataset (of the quizzes in the second and third place),
and the near-duplicates of all of these. Nearly every page asks for it, and composing it costs as much as a page."""

RULE = Rule(
    asked_in_open_quizzes,
    _(
        "This micrograph is a question of an open quiz, or looks like one. "
        "Only the quiz’s organisers see it until the quiz closes."
    ),
)
