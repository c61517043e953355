"""The organiser's decision that a repeat is another person after all."""

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.quizzes.models import Ballot, QuizEvent
from microdb.quizzes.services.noting import clean_reason, note_event


@transaction.atomic
def overrule_repeat(*, ballot: Ballot, counts: bool, reason: str, by: User | None) -> Ballot:
    """Count a repeat, or leave it out again. The reason stays, and the results page shows it."""
    locked = Ballot.objects.select_for_update().get(pk=ballot.pk)
    if locked.repeat_of_id is None or locked.withdrawn_at:
        raise MicroDBError(
            _("This sitting is not marked as a repeat, so there is nothing to decide."), code="no_repeat"
        )
    reason = clean_reason(reason)
    if locked.counted_anyway != counts:
        kind = QuizEvent.Kind.COUNTED if counts else QuizEvent.Kind.LEFT_OUT
        note_event(quiz=locked.quiz, kind=kind, by=by, reason=reason, ballot=locked)
        locked.counted_anyway = counts
        locked.save(update_fields=["counted_anyway"])
    ballot.refresh_from_db()
    return ballot
