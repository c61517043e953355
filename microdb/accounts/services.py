"""Writes to accounts."""

import hashlib
import secrets
from collections.abc import Iterable

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


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
