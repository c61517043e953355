"""A dataset with an open quiz."""

from tests.quizzes.conftest import add, draft, held_out, quiz, score, version

__all__ = ["add", "draft", "held_out", "quiz", "score", "version"]
