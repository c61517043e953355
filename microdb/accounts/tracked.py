"""Accounts, groups and tokens, whose every change is in the audit log."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import login_code_rejected
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group

from microdb.accounts.models import ApiToken, User
from microdb.audit_log.recording import record
from microdb.audit_log.tracking import track
from microdb.audit_log.verbs import Verb

_PROFILE = ["username", "first_name", "last_name", "email", "expertise", "years_of_experience", "mails_about_tokens"]


def track_accounts() -> None:
    track(
        User,
        fields=[*_PROFILE, "is_active", "is_staff", "is_superuser"],
        secret=["password"],
        many_to_many=["groups", "user_permissions"],
        added=Verb.USER_ADDED,
        changed=Verb.USER_CHANGED,
        deleted=Verb.USER_DELETED,
        name=User.get_username,
    )
    track(
        Group,
        fields=["name"],
        many_to_many=["permissions"],
        added=Verb.GROUP_ADDED,
        changed=Verb.GROUP_CHANGED,
        deleted=Verb.GROUP_DELETED,
    )
    track(
        ApiToken,
        fields=["user", "name", "scopes", "only_datasets", "expires_at"],
        secret=["digest"],
        added=Verb.TOKEN_CREATED,
        changed=Verb.TOKEN_CHANGED,
        deleted=Verb.TOKEN_DELETED,
        name=lambda token: f"{token.beginning}… ({token.user.get_username()})",
    )
    _track_allauth()
    authentication_failed.connect(_factor_refused, dispatch_uid="audit")
    login_code_rejected.connect(_factor_refused, dispatch_uid="audit")


def _track_allauth() -> None:
    """Without keys of second factors, and without what another service says of a person."""

    def owner(row: EmailAddress | Authenticator | SocialAccount) -> str:
        return str(row.user.get_username())

    track(
        EmailAddress,
        fields=["email", "verified", "primary"],
        added=Verb.EMAIL_ADDED,
        changed=Verb.EMAIL_CHANGED,
        deleted=Verb.EMAIL_DELETED,
        name=owner,
    )
    track(Authenticator, fields=["type"], added=Verb.FACTOR_ADDED, deleted=Verb.FACTOR_DELETED, name=owner)
    track(SocialAccount, fields=["provider"], added=Verb.LINKED, deleted=Verb.UNLINKED, name=owner)


def _factor_refused(user: User, **_: Any) -> None:
    """A wrong code of an app, a key that does not fit, or a wrong code from an e-mail."""
    record(Verb.FACTOR_REFUSED, about=user)
