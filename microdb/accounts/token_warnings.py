"""E-mails to people whose API tokens expire soon."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import ApiToken

WARN_DAYS = (1, 7)
"""Before the end of a token, the latest warning first."""


def warn_of_expiry() -> int:
    """Warn of every token that expires within so many days, once for each; returns how many e-mails were queued.

    Who chose a shorter life for a token than that knows it, and gets no e-mail.
    """
    return sum(_warn(token, days) for days in WARN_DAYS for token in _expiring(days))


def _expiring(days: int) -> list[ApiToken]:
    now, ahead = timezone.now(), timedelta(days=days)
    ending = ApiToken.objects.filter(expires_at__gt=now, expires_at__lte=now + ahead)
    unwarned = ending.filter(Q(warned_days=None) | Q(warned_days__gt=days), expires_at__gt=F("secret_made_at") + ahead)
    wanted = unwarned.filter(user__is_active=True, user__mails_about_tokens=True).exclude(user__email="")
    return list(wanted.select_related("user"))


@transaction.atomic
def _warn(token: ApiToken, days: int) -> bool:
    """Queue the e-mail, unless somebody else has done so or the token was renewed meanwhile."""
    unchanged = ApiToken.objects.filter(pk=token.pk, expires_at=token.expires_at, warned_days=token.warned_days)
    if not unchanged.update(warned_days=days):
        return False
    about = {
        "name": token.name or token.beginning + "…",
        "end": f"{token.expires_at:%Y-%m-%d %H:%M} UTC",
        "edit": settings.SITE_URL + reverse("accounts:token_edit", args=[token.pk]),
        "profile": settings.SITE_URL + reverse("accounts:profile"),
    }
    text = _(
        "Your API token “%(name)s” expires on %(end)s. Scripts that use it stop working then.\n\n"
        "Make a new secret for it, with the same rights:\n%(edit)s\n\n"
        "You can switch these e-mails off in your profile:\n%(profile)s\n"
    )
    send_mail(_("MicroDB: your API token “%(name)s” expires soon") % about, text % about, None, [token.user.email])
    return True
