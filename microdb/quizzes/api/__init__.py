"""The REST API of quizzes and their results."""

from microdb.quizzes.api.views import QuizList, QuizResults

__all__ = ["QuizList", "QuizResults"]
