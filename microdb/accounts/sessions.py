"""Ending one's own sessions, which the audit log has."""

from collections.abc import Sequence

from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.db import transaction

from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc] # allauth has no types
    """Used by allauth for each request."""

    @transaction.atomic
    def end_sessions(self, sessions: Sequence[UserSession]) -> None:
        super().end_sessions(sessions)
        if sessions:
            record(Verb.SESSIONS_ENDED, about=sessions[0].user, number=len(sessions))
