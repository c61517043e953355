"""Sign-ins, sign-outs and failed sign-ins."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Q

from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="audit")
    user_logged_out.connect(_signed_out, dispatch_uid="audit")
    user_login_failed.connect(_failed, dispatch_uid="audit")


def _signed_in(user: Any, **_: Any) -> None:
    record(Verb.SIGNED_IN, about=user)


def _signed_out(user: Any, **_: Any) -> None:
    if user is not None:
        record(Verb.SIGNED_OUT, about=user)


def _failed(credentials: dict[str, Any], **_: Any) -> None:
    record_attempt(Verb.SIGN_IN_FAILED, str(credentials.get("username") or credentials.get("email") or ""))


def record_attempt(verb: Verb, login: str) -> None:
    """Add an entry about an attempt to sign in by a user name or an e-mail address.

    An unknown one is not kept: people sometimes type a password there.
    """
    given = login[:254]
    user = get_user_model()._default_manager.filter(Q(username=given) | Q(email__iexact=given)).first()
    record(verb, about=user if given else None)
