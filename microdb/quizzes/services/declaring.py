"""Declaring a quiz's primary endpoint before it opens."""

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.accounts.models import Panel
from microdb.errors import MicroDBError
from microdb.quizzes.models import PrimaryEndpoint, Quiz
from microdb.training.models import ModelVersion

MARGIN_AT_MOST = 50
"""Percentage points."""


@transaction.atomic
def declare_endpoint(
    *, quiz: Quiz, model_version: ModelVersion, panel: str = Panel.EXPERT, margin_points: float | None = None
) -> PrimaryEndpoint:
    """The comparison that the quiz is for, with a margin in percentage points; it replaces an earlier declaration."""
    _check_draft(quiz)
    if not quiz.competitors.filter(pk=model_version.pk).exists():
        raise MicroDBError(
            _("%(version)s does not compete in this quiz. Choose one of its competing versions.")
            % {"version": model_version},
            code="no_competitor",
        )
    if panel not in Panel.values:
        raise MicroDBError(_("Choose the experts or the non-experts for the primary endpoint."), code="bad_panel")
    if margin_points is not None and not 0 < margin_points <= MARGIN_AT_MOST:
        raise MicroDBError(
            _("A margin is larger than 0 and at most %(most)d points; %(given)g was given. Leave it empty for none.")
            % {"most": MARGIN_AT_MOST, "given": margin_points},
            code="bad_margin",
        )
    margin = None if margin_points is None else margin_points / 100
    declared, _created = PrimaryEndpoint.objects.update_or_create(
        quiz=quiz, defaults={"model_version": model_version, "panel": panel, "margin": margin}
    )
    return declared


@transaction.atomic
def withdraw_endpoint(*, quiz: Quiz) -> None:
    """Take the declaration back, before the quiz opens."""
    _check_draft(quiz)
    PrimaryEndpoint.objects.filter(quiz=quiz).delete()


def _check_draft(quiz: Quiz) -> None:
    if Quiz.objects.select_for_update().get(pk=quiz.pk).opened_at:
        raise MicroDBError(
            _("This quiz has been opened: its primary endpoint is fixed. Declare it in the next quiz before opening."),
            code="quiz_opened",
        )
