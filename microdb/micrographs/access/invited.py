"""The invitation that a browser brought: kept in its session, so that its secret leaves the address bar at once."""

from django.http import HttpRequest

from microdb.accounts.adapter import AccountAdapter
from microdb.hashing import text_sha256
from microdb.micrographs.models import Invitation

SESSION_KEY = "invitation"


def find_invitation(secret: str) -> Invitation | None:
    """The usable invitation with this secret."""
    return Invitation.objects.usable().filter(digest=text_sha256(secret)).first()


def remember_invitation(request: HttpRequest, invitation: Invitation) -> None:
    request.session[SESSION_KEY] = invitation.pk


def forget_invitation(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def invitation_of(request: HttpRequest) -> Invitation | None:
    """The invitation with which this browser came, if it can still be used."""
    pk = request.session.get(SESSION_KEY)
    if pk is None:
        return None
    return Invitation.objects.usable().select_related("dataset", "created_by").filter(pk=pk).first()


class InvitedAccountAdapter(AccountAdapter):
    """People with an invitation sign up also where nobody else may."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return super().is_open_for_signup(request) or invitation_of(request) is not None
