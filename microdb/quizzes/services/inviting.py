"""Invitation links for readers."""

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.accounts.models import Panel, User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.quizzes.models import Invitation, Quiz

INVITATIONS_AT_ONCE = 200


@transaction.atomic
def invite(
    *, quiz: Quiz, count: int, by: User | None, panel: str = "", single_use: bool = True, note: str = ""
) -> list[Invitation]:
    """``count`` new links; with an empty ``panel`` readers choose theirs."""
    if not 1 <= count <= INVITATIONS_AT_ONCE:
        raise MicroDBError(
            _("1 to %(most)d links can be made at once; %(given)d were asked for.")
            % {"most": INVITATIONS_AT_ONCE, "given": count},
            code="bad_count",
        )
    if panel and panel not in Panel.values:
        raise MicroDBError(_("A link is for experts, for non-experts, or for both."), code="bad_panel")
    record(Verb.INVITATIONS_MADE, about=quiz, number=count, panel=panel, single_use=single_use)
    return Invitation.objects.bulk_create(
        Invitation(quiz=quiz, created_by=by, panel=panel, single_use=single_use, note=note) for _number in range(count)
    )


def delete_invitation(*, invitation: Invitation) -> None:
    """Delete a link that nobody has used yet."""
    if invitation.ballots.exists():
        raise MicroDBError(_("This link has been used; its ballot stays."), code="invitation_used")
    invitation.delete()
