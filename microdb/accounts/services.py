"""Writes to accounts."""

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import ApiToken, User
from microdb.errors import MicroDBError


@transaction.atomic
def create_api_token(*, user: User, scopes: Iterable[str], name: str = "") -> tuple[ApiToken, str]:
    """A new token and its secret, which is not kept and so can't be shown again."""
    wanted = list(dict.fromkeys(scopes))
    unknown = sorted(set(wanted) - set(ApiToken.Scope.values))
    if unknown or not wanted:
        raise MicroDBError(
            _("A token's scopes come from %(known)s; %(given)s was given.")
            % {"known": ", ".join(ApiToken.Scope.values), "given": ", ".join(unknown) or _("nothing")},
            code="unknown_scope",
        )
    secret = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(user=user, name=name, scopes=wanted, digest=_digest(secret), beginning=secret[:6])
    return token, secret


def find_api_token(*, secret: str) -> ApiToken | None:
    """The token of an active user with this secret, marked as used."""
    token = ApiToken.objects.select_related("user").filter(digest=_digest(secret), user__is_active=True).first()
    if token and (token.last_used_at is None or (timezone.now() - token.last_used_at).total_seconds() > 60):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now())
    return token


def demand_verification(sender: object, user: User, **details: Any) -> None:
    """Whoever signs up by the form must verify their address, if the site can send e-mail.

    Receives allauth's ``user_signed_up``. An identity provider has verified its people itself.
    """
    if "sociallogin" not in details and settings.SENDS_EMAIL:
        user.must_verify_email = True
        user.save(update_fields=["must_verify_email"])


def keep_email(*, user: User) -> None:
    """Make the account's address the primary one among its addresses, as the pages do."""
    primary = EmailAddress.objects.filter(user=user, primary=True).first()
    if primary and user.email != primary.email:
        user.email = primary.email
        user.save(update_fields=["email"])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
