"""Invitations to a quiz, the ballots of its readers, and their answers."""

import random
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import Panel
from microdb.quizzes.models.quiz import Option, Question, Quiz, counting
from microdb.quizzes.models.stamps import LENGTH

T = TypeVar("T")
UNSURE = "unsure"
"""The choice of a reader who does not know; not the same as none of these."""


class Invitation(models.Model):
    """A personal link to a quiz. It can fix the reader's panel, and can be valid for one ballot only."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="invitations")
    note = models.CharField(max_length=100, blank=True, help_text=_("For whom it is; readers do not see it."))
    panel = models.CharField(max_length=10, choices=Panel, blank=True, help_text=_("Empty: readers say it themselves."))
    single_use = models.BooleanField(default=True)
    used_at = models.DateTimeField(null=True, editable=False, help_text=_("When a single-use link was taken."))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(used_at=None) | Q(single_use=True), name="invitation_used_is_single")
        ]

    def __str__(self) -> str:
        return self.note or f"{self.quiz}, {self.pk}"


class BallotQuerySet(models.QuerySet["Ballot"]):
    def submitted(self) -> Self:
        return self.filter(submitted_at__isnull=False)

    def counted(self) -> Self:
        """The ballots that the results count."""
        return self.filter(counting())


class Ballot(models.Model):
    """One reader's sitting of a quiz. Whoever holds its key may answer, so the key is secret."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="ballots")
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.SET_NULL, related_name="ballots")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="ballots")
    nickname = models.CharField(max_length=50, blank=True)
    panel = models.CharField(max_length=10, choices=Panel)
    years_of_experience = models.PositiveSmallIntegerField(null=True, blank=True)
    simulated = models.BooleanField(default=False, editable=False)
    order_seed = models.PositiveIntegerField(editable=False)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    consented_at = models.DateTimeField(null=True, editable=False, help_text=_("When the quiz's consent was given."))
    submitted_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False, help_text=_("Answers and name are gone then."))
    complete = models.BooleanField(
        default=False, editable=False, help_text=_("Submitted with enough answers to count.")
    )
    repeat_of = models.ForeignKey(
        "self",
        null=True,
        editable=False,
        on_delete=models.RESTRICT,
        related_name="repeats",
        help_text=_("An earlier sitting of the same browser, account or name."),
    )
    counted_anyway = models.BooleanField(
        default=False, editable=False, help_text=_("An organiser says that this repeat is another person.")
    )
    browser_mark = models.CharField(max_length=64, blank=True, editable=False)
    account_mark = models.CharField(max_length=64, blank=True, editable=False)
    name_mark = models.CharField(max_length=64, blank=True, editable=False)

    objects = BallotQuerySet.as_manager()

    class Meta:
        ordering = ["started_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(simulated=True) | Q(consented_at__isnull=False), name="ballot_has_consent"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(submitted_at=None, user=None, nickname=""),
                name="ballot_withdrawn_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=False) | ~Q(nickname=""), name="ballot_has_nickname"
            ),
            models.CheckConstraint(
                condition=Q(complete=False) | Q(submitted_at__isnull=False), name="ballot_complete_is_submitted"
            ),
            models.CheckConstraint(
                condition=Q(counted_anyway=False) | Q(repeat_of__isnull=False), name="ballot_counted_anyway_is_repeat"
            ),
        ]

    def __str__(self) -> str:
        return self.nickname or str(_("withdrawn"))

    @property
    def deadline(self) -> datetime | None:
        """When the time is over, by the server's clock; None without a limit."""
        minutes = self.quiz.time_limit_minutes
        return self.started_at + timedelta(minutes=minutes) if minutes else None

    @property
    def counts(self) -> bool:
        """Whether the results count it, as ``counting`` says it to the database."""
        return self.complete and (self.repeat_of_id is None or self.counted_anyway)

    def in_order(self, of_questions: Iterable[T]) -> list[T]:
        """Items of the quiz's questions, from the quiz's order into this reader's; always the same."""
        ordered = list(of_questions)
        if self.quiz.shuffled:
            random.Random(self.order_seed).shuffle(ordered)
        return ordered


class Answer(models.Model):
    """What a reader chose: one of the quiz's options, or unsure; with confidence where the quiz asks for it."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    option = models.ForeignKey(Option, null=True, on_delete=models.RESTRICT, related_name="answers")
    unsure = models.BooleanField(default=False)
    confidence = models.PositiveSmallIntegerField(null=True, help_text=_("Per cent, as the reader said it."))
    active_ms = models.PositiveIntegerField(default=0, help_text=_("Milliseconds with the question in view."))
    stamp = models.CharField(max_length=LENGTH, blank=True, help_text=_("Of the browser: tells which answer is later."))
    answered_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ballot", "question"], name="answer_once"),
            models.CheckConstraint(
                condition=Q(option__isnull=False, unsure=False) | Q(option=None, unsure=True),
                name="answer_is_one_choice",
            ),
            models.CheckConstraint(
                condition=Q(confidence=None) | Q(confidence__lte=100, unsure=False), name="answer_confidence_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ballot} on {self.question}"

    @property
    def choice(self) -> str:
        """As ``services.record_answer`` takes it: the option's primary key, or ``unsure``."""
        return str(self.option_id) if self.option_id else UNSURE

    @property
    def label(self) -> str:
        """The class's name, ``none-of-these`` or ``unsure``."""
        return self.option.label if self.option else UNSURE
