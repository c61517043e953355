"""Writes to quizzes: composing and opening them, inviting readers, and their ballots."""

from microdb.quizzes.services.composing import (
    change_draft,
    copy_quiz,
    create_quiz,
    delete_draft,
    request_model_answers,
)
from microdb.quizzes.services.declaring import declare_endpoint, withdraw_endpoint
from microdb.quizzes.services.inviting import delete_invitation, invite
from microdb.quizzes.services.opening import close_overdue, close_quiz, open_quiz, reopen_quiz, sign_truth
from microdb.quizzes.services.ruling import overrule_repeat
from microdb.quizzes.services.simulating import simulate_readers
from microdb.quizzes.services.sitting import record_answer, start_ballot, submit_ballot, withdraw_ballot

__all__ = [
    "change_draft",
    "close_overdue",
    "close_quiz",
    "copy_quiz",
    "create_quiz",
    "declare_endpoint",
    "delete_draft",
    "delete_invitation",
    "invite",
    "open_quiz",
    "overrule_repeat",
    "record_answer",
    "reopen_quiz",
    "request_model_answers",
    "sign_truth",
    "simulate_readers",
    "start_ballot",
    "submit_ballot",
    "withdraw_ballot",
    "withdraw_endpoint",
]
