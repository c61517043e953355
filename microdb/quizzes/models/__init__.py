"""Rows of quizzes: questions and options (``quiz``), answers of models (``model_answer``) and readers (``ballot``),
acts of organisers (``event``), stored results (``report``).
"""

from microdb.quizzes.models.ballot import UNSURE, Answer, Ballot, Invitation
from microdb.quizzes.models.endpoint import PrimaryEndpoint
from microdb.quizzes.models.event import QuizEvent
from microdb.quizzes.models.model_answer import ModelAnswer
from microdb.quizzes.models.quiz import Exemplar, Option, Question, Quiz, QuizQuerySet, SignOff, TruthsShown
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
    "QuizEvent",
    "QuizQuerySet",
    "SignOff",
    "StoredReport",
    "TruthsShown",
]
