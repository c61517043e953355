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
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import User
from microdb.micrographs.models import Micrograph, NearDuplicate, Rule
from microdb.quizzes.models import Question, Quiz, QuizQuerySet

Keys = QuerySet[Any, Any]
"""A list of keys, of whichever model has them."""


def asked_in_open_quizzes(user: object) -> Keys:
    """The keys of micrographs asked in a quiz that ``user`` may still take, and of those that look like one."""
    running = Quiz.objects.running().exclude(pk__in=Quiz.objects.organised_by(user).order_by().values("pk"))
    asked: Keys = Question.objects.filter(quiz__in=_keys(running)).order_by().values("micrograph")
    reached = _within_reach_of(user, running)
    originals = Micrograph.objects.filter(questions__quiz__in=_keys(reached))
    copies: list[Keys] = [found.order_by().values("pk") for found in copies_of(originals)]
    return asked.union(*copies, *(pairs for some in (asked, *copies) for pairs in _alike(some)))


def copies_of(micrographs: "QuerySet[Micrograph]") -> "tuple[QuerySet[Micrograph], QuerySet[Micrograph]]":
    """Micrographs of any dataset with the same bytes, and with the same pixels, themselves included."""
    originals = micrographs.order_by()
    same_bytes = Micrograph.objects.filter(sha256__in=originals.values("sha256"))
    same_pixels = Micrograph.objects.filter(pixel_sha256__in=originals.exclude(pixel_sha256="").values("pixel_sha256"))
    return same_bytes, same_pixels


def _within_reach_of(user: object, quizzes: QuizQuerySet) -> QuizQuerySet:
    """Those in a dataset of which ``user`` is a member, whatever a token allows, or which they sat; for staff all."""
    if not isinstance(user, User) or user.is_staff or user.is_superuser:
        return quizzes
    return quizzes.filter(Q(dataset__memberships__user=user) | Q(ballots__user=user))


def _alike(keys: Keys) -> list[Keys]:
    """Keys of near-duplicates, whichever of a pair comes first."""
    return [
        NearDuplicate.objects.filter(second__in=keys).order_by().values("first"),
        NearDuplicate.objects.filter(first__in=keys).order_by().values("second"),
    ]


def _keys(quizzes: QuizQuerySet) -> Keys:
    return quizzes.order_by().values("pk")


RULE = Rule(
    asked_in_open_quizzes,
    _(
        "This micrograph is a question of an open quiz, or looks like one. "
        "Only the quiz’s organisers see it until the quiz closes."
    ),
)
