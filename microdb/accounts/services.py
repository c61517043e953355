"""Writes to accounts."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.encryption import encrypt_anew, with_secrets
from microdb.accounts.models import ApiToken, IdempotencyKey, User
from microdb.errors import MicroDBError

KEYS_KEPT = timedelta(days=7)
"""How long a request may be repeated with its Idempotency-Key."""

USUAL_LIFETIME = timedelta(days=90)
LONGEST_GRACE = timedelta(days=7)
LAST_USE_EVERY = timedelta(minutes=1)
"""A token that is used all the time causes one write a minute."""
MOST_TOKENS = 50
"""Of one person."""


@transaction.atomic
def create_api_token(
    *,
    user: User,
    scopes: Iterable[str],
    name: str = "",
    only_datasets: Collection[int] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is not kept and so can't be shown again.

    ``only_datasets`` are primary keys, None for all datasets of the user; ``expires_at`` is None for never.
    """
    if user.api_tokens.count() >= MOST_TOKENS:
        raise MicroDBError(
            _("You have %d tokens, which is the most. Revoke those that you no longer use.") % MOST_TOKENS,
            code="too_many_tokens",
        )
    secret = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scopes=_known_scopes(scopes),
        only_datasets=_keys(only_datasets),
        expires_at=_future(expires_at),
        digest=_digest(secret),
        beginning=secret[:6],
    )
    return token, secret


@transaction.atomic
def change_api_token(*, token: ApiToken, **fields: Any) -> None:
    """Change ``name``, ``scopes``, ``only_datasets`` or ``expires_at``; what is not given stays."""
    checks: dict[str, Callable[[Any], Any]] = {"scopes": _known_scopes, "only_datasets": _keys, "expires_at": _future}
    for name, value in fields.items():
        setattr(token, name, checks[name](value) if name in checks else value)
    if "expires_at" in fields:
        token.warned_days = None
    token.save(update_fields=[*fields, "warned_days"])


@transaction.atomic
def rotate_api_token(*, token: ApiToken, grace: timedelta = timedelta(0)) -> str:
    """A new secret with the same rights and the same lifetime, counted from now.

    The old secret is taken for the time of ``grace``, so that scripts can be changed one after the other. A secret from
    before an earlier rotation stops at once.
    """
    if not timedelta(0) <= grace <= LONGEST_GRACE:
        raise MicroDBError(
            _("The old secret may work for 0 to %(most)d seconds more; %(given)d were given.")
            % {"most": LONGEST_GRACE.total_seconds(), "given": grace.total_seconds()},
            code="bad_grace",
        )
    now, secret = timezone.now(), secrets.token_urlsafe(32)
    old_end = min(now + grace, token.expires_at or now + grace)
    if token.expires_at is not None:
        token.expires_at = now + (token.expires_at - token.secret_made_at)
        token.warned_days = None
    token.previous_digest, token.previous_expires_at = (token.digest, old_end) if old_end > now else (None, None)
    token.digest, token.beginning, token.secret_made_at = _digest(secret), secret[:6], now
    token.save()
    return secret


@transaction.atomic
def revoke_api_token(*, token: ApiToken) -> None:
    """Let neither of its secrets work any more."""
    token.delete()


def find_api_token(*, secret: str) -> ApiToken | None:
    """The token of an active user with this secret, marked as used; the caller asks whether it ``is_expired``."""
    digest, now = _digest(secret), timezone.now()
    valid = Q(digest=digest) | Q(previous_digest=digest, previous_expires_at__gt=now)
    token = ApiToken.objects.select_related("user").filter(valid, user__is_active=True).first()
    if token and not token.is_expired and (token.last_used_at is None or now - token.last_used_at > LAST_USE_EVERY):
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_EVERY)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token


def _known_scopes(scopes: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(scopes))
    unknown = sorted(set(wanted) - set(ApiToken.Scope.values))
    if unknown or not wanted:
        raise MicroDBError(
            _("A token's scopes come from %(known)s; %(given)s was given.")
            % {"known": ", ".join(ApiToken.Scope.values), "given": ", ".join(unknown) or _("nothing")},
            code="unknown_scope",
        )
    return wanted


def _keys(datasets: Collection[int] | None) -> list[int] | None:
    return None if datasets is None else sorted(set(datasets))


def _future(moment: datetime | None) -> datetime | None:
    if moment is not None and moment <= timezone.now():
        raise MicroDBError(_("A token expires in the future; choose a later day."), code="expires_in_the_past")
    return moment


def drop_old_keys() -> int:
    """Delete the Idempotency-Keys that are older than ``KEYS_KEPT``; returns how many."""
    deleted, _rows = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEYS_KEPT).delete()
    return deleted


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


@transaction.atomic
def encrypt_factors_anew() -> tuple[int, list[str]]:
    """Encrypt the secrets of second factors with the present key.

    Returns how many were, and for each that none of the keys can read the user name.
    """
    encrypted, unreadable = 0, []
    factors = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).select_related("user")
    for factor in factors.select_for_update(of=("self",)).order_by("pk"):
        try:
            data = with_secrets(factor.data, encrypt_anew)
        except MicroDBError:
            unreadable.append(factor.user.get_username())
            continue
        Authenticator.objects.filter(pk=factor.pk).update(data=data)
        encrypted += 1
    return encrypted, unreadable


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
