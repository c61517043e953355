"""Accounts, groups and tokens, whose every change is in the audit log."""

from django.contrib.auth.models import Group

from microdb.accounts.models import ApiToken, User
from microdb.audit_log.tracking import track
from microdb.audit_log.verbs import Verb

_PROFILE = ["username", "first_name", "last_name", "email", "expertise", "years_of_experience"]


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
