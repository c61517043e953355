"""Rows of quizzes: questions and options (``quiz``), readers' answers (``ballot``), stored results (``report``)."""

from microdb.quizzes.models.ballot import UNSURE, Answer, Ballot, Invitation
from microdb.quizzes.models.endpoint import PrimaryEndpoint
from microdb.quizzes.models.quiz import Exemplar, ModelAnswer, Option, Question, Quiz, QuizQuerySet, SignOff
from microdb.quizzes.models.report import StoredReport

__all__ = [
    "UNSURE",
    "Answer",
    "Ballot",
    "Exemplar",
    "Invitation",
    "ModelAnswer",
    "Option",
    "PrimaryEndpoint",
    "Question",
    "Quiz",
    "QuizQuerySet",
    "SignOff",
    "StoredReport",
]
