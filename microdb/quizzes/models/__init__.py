"""Rows of the quiz: what is asked and fixed (``quiz``), who answers what (``ballot``), results at hand (``report``)."""

from microdb.quizzes.models.ballot import UNSURE, Answer, Ballot, Invitation
from microdb.quizzes.models.quiz import Exemplar, ModelAnswer, Option, Question, Quiz, SignOff
from microdb.quizzes.models.report import StoredReport

__all__ = [
    "UNSURE",
    "Answer",
    "Ballot",
    "Exemplar",
    "Invitation",
    "ModelAnswer",
    "Option",
    "Question",
    "Quiz",
    "SignOff",
    "StoredReport",
]
