"""The REST API of quizzes: composing, opening, inviting, and their results."""

from microdb.quizzes.api.composing import QuizCandidates, QuizCreate, QuizPower
from microdb.quizzes.api.exhibits import (
    QuizAnswers,
    QuizDocument,
    QuizExhibit,
    QuizExhibitList,
    QuizImrmc,
    QuizPdf,
)
from microdb.quizzes.api.invitations import QuizInvitationDetail, QuizInvitationList
from microdb.quizzes.api.organising import (
    QuizClose,
    QuizCopy,
    QuizDetail,
    QuizOpen,
    QuizReopen,
    QuizSign,
)
from microdb.quizzes.api.readers import BallotOverrule, QuizReaderList
from microdb.quizzes.api.records import QuizCompare, QuizRecord, QuizRecordDocument
from microdb.quizzes.api.views import QuizList, QuizResults

__all__ = [
    "BallotOverrule",
    "QuizAnswers",
    "QuizCandidates",
    "QuizClose",
    "QuizCompare",
    "QuizCopy",
    "QuizCreate",
    "QuizDetail",
    "QuizDocument",
    "QuizExhibit",
    "QuizExhibitList",
    "QuizImrmc",
    "QuizInvitationDetail",
    "QuizInvitationList",
    "QuizList",
    "QuizOpen",
    "QuizPdf",
    "QuizPower",
    "QuizReaderList",
    "QuizRecord",
    "QuizRecordDocument",
    "QuizReopen",
    "QuizResults",
    "QuizSign",
]
