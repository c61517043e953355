"""Drafts of quizzes and what belongs to them, whose every change is in the audit log.

Neither sittings nor answers are: they are deleted for good when a reader withdraws. Truths are not, nor their hash.
"""

from microdb.audit_log.tracking import track
from microdb.audit_log.verbs import Verb
from microdb.quizzes.models import Invitation, PrimaryEndpoint, Quiz, SignOff
from microdb.quizzes.services.composing import QuizSettings


def track_quizzes() -> None:
    track(
        Quiz,
        fields=["title", "slug", *QuizSettings.__annotations__],
        added=Verb.QUIZ_CREATED,
        changed=Verb.QUIZ_CHANGED,
        deleted=Verb.QUIZ_DELETED,
        dataset=lambda quiz: quiz.dataset,
    )
    track(
        SignOff,
        fields=[],
        secret=["truth_sha256"],
        added=Verb.QUIZ_SIGNED,
        changed=Verb.QUIZ_SIGNED,
        deleted=Verb.QUIZ_UNSIGNED,
        name=lambda sign_off: sign_off.quiz.title,
        dataset=lambda sign_off: sign_off.quiz.dataset,
    )
    track(
        PrimaryEndpoint,
        fields=["model_version", "panel", "margin"],
        added=Verb.QUIZ_ENDPOINT_SET,
        changed=Verb.QUIZ_ENDPOINT_SET,
        deleted=Verb.QUIZ_ENDPOINT_GONE,
        name=lambda endpoint: endpoint.quiz.title,
        dataset=lambda endpoint: endpoint.quiz.dataset,
    )
    track(
        Invitation,
        fields=["panel", "single_use"],
        deleted=Verb.INVITATION_DELETED,
        name=lambda invitation: invitation.quiz.title,
        dataset=lambda invitation: invitation.quiz.dataset,
    )
