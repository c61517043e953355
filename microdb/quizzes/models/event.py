"""What organisers did to an opened quiz, and why."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from microdb.quizzes.models.ballot import Ballot
from microdb.quizzes.models.quiz import Quiz


class QuizEventQuerySet(models.QuerySet["QuizEvent"]):
    def of_results(self) -> Self:
        """Those that change what is counted, which the results show."""
        return self.exclude(kind__in=[QuizEvent.Kind.OPENED, QuizEvent.Kind.CLOSED])


class QuizEvent(models.Model):
    """One act of an organiser. Rows are only added."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened")
        CLOSED = "closed", _("closed")
        REOPENED = "reopened", _("reopened")
        COUNTED = "counted", _("counted a repeat")
        LEFT_OUT = "left_out", _("left a repeat out again")

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="events")
    ballot = models.ForeignKey(Ballot, null=True, on_delete=models.SET_NULL, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=150, blank=True, help_text=_("Stays when the account is deleted."))
    at = models.DateTimeField(auto_now_add=True)

    objects = QuizEventQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.quiz}: {self.get_kind_display()}"
