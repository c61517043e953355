"""Inviting people to a dataset, and letting them in."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.hashing import text_sha256
from microdb.micrographs.models import Dataset, Invitation, InvitationUse, Membership, Role
from microdb.micrographs.services.datasets import set_member

MOST_USES = 200
MOST_EMAILS_PER_HOUR = 60
"""Of one person; more would be abused to send advertisements."""


@transaction.atomic
def create_invitation(
    *, dataset: Dataset, role: str, by: User, most_uses: int = 1, email: str = ""
) -> tuple[Invitation, str]:
    """A new invitation and its secret, which is not kept and so can't be shown again."""
    if role not in Role.values:
        raise MicroDBError(_("“%s” is not a role. Choose one of the list.") % role, code="unknown_role")
    if not 1 <= most_uses <= MOST_USES:
        raise MicroDBError(
            _("A link lets in 1 to %(most)d people; %(given)d was given.") % {"most": MOST_USES, "given": most_uses}
        )
    secret = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        dataset=dataset,
        role=role,
        email=email,
        digest=text_sha256(secret),
        most_uses=most_uses,
        created_by=by,
        expires_at=timezone.now() + timedelta(days=settings.INVITATION_DAYS),
    )
    return invitation, secret


@transaction.atomic
def invite_by_email(*, dataset: Dataset, email: str, role: str, by: User, join_url: str) -> Invitation:
    """Send an invitation for one person. ``join_url`` holds ``SECRET``, where the secret belongs.

    It is sent whether or not somebody has an account with this address, so that nobody learns of accounts here.
    """
    email = _checked_email(email)
    _demand_moderation(by)
    Invitation.objects.usable().filter(dataset=dataset, email=email).update(revoked_at=timezone.now())
    invitation, secret = create_invitation(dataset=dataset, role=role, by=by, email=email)
    context = {"invitation": invitation, "dataset": dataset, "by": by, "url": join_url.replace("SECRET", secret)}
    subject = " ".join(render_to_string("micrographs/email/invitation_subject.txt", context).split())
    body = render_to_string("micrographs/email/invitation_message.txt", context).strip()
    EmailMessage(f"{settings.EMAIL_SUBJECT_PREFIX}{subject}", body, to=[email]).send()
    return invitation


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    """Nobody comes in by it any more; those who did stay members."""
    if Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record(Verb.INVITATION_REVOKED, about=invitation, name=invitation.email)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User) -> Membership:
    """Make ``user`` a member. A role that includes the invitation's stays.

    Raises MicroDBError for an invitation that cannot be used any more.
    """
    Invitation.objects.select_for_update().get(pk=invitation.pk)  # two people can't take the last place
    own = Membership.objects.filter(dataset=invitation.dataset, user=user).first()
    if InvitationUse.objects.filter(invitation=invitation, user=user).exists() and own:
        return own
    if not Invitation.objects.usable().filter(pk=invitation.pk).exists():
        raise MicroDBError(
            _("This invitation can't be used any more. Ask %s for a new one.") % invitation.created_by,
            code="invitation_over",
        )
    InvitationUse.objects.get_or_create(invitation=invitation, user=user)
    if own and own.role in Role.at_least(invitation.role):
        return own
    return set_member(dataset=invitation.dataset, user=user, role=invitation.role, by=invitation.created_by)


def _checked_email(email: str) -> str:
    if not settings.SENDS_EMAIL:
        raise MicroDBError(_("This site sends no e-mail. Make an invitation link, and send it yourself."))
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise MicroDBError(_("“%s” is not an e-mail address. Check it for typing errors.") % email) from error
    return email


def _demand_moderation(by: User) -> None:
    lately = Invitation.objects.filter(created_by=by, created_at__gt=timezone.now() - timedelta(hours=1))
    if lately.exclude(email="").count() >= MOST_EMAILS_PER_HOUR:
        raise MicroDBError(
            _("You have sent %d invitations within an hour. Wait an hour, or make one link for all of them.")
            % MOST_EMAILS_PER_HOUR,
            code="too_many",
        )
