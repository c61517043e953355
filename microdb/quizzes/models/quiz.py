"""A quiz, its options, questions and examples, and what curators signed."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import User
from microdb.micrographs.models import NONE_OF_THESE, Dataset, DatasetVersion, MaterialClass, Micrograph, Role
from microdb.training.models import ModelVersion


class TruthsShown(models.TextChoices):
    """When readers see the truth and the models' answers."""

    AFTER_SITTING = "after_sitting", _("after a complete sitting")
    AFTER_CLOSING = "after_closing", _("when the quiz closes")
    NEVER = "never", _("never")


class QuizQuerySet(models.QuerySet["Quiz"]):
    def visible_to(self, user: object, role: str = Role.VIEWER) -> Self:
        return self.filter(dataset__in=Dataset.objects.visible_to(user, role))

    def with_counts(self) -> Self:
        """With ``question_count``, ``reader_count`` (real ballots that count) and ``simulated_count``."""
        counts = counting("ballots__")
        return self.annotate(
            question_count=Count("questions", distinct=True),
            reader_count=Count("ballots", filter=counts & Q(ballots__simulated=False), distinct=True),
            simulated_count=Count("ballots", filter=counts & Q(ballots__simulated=True), distinct=True),
        ).order_by("-created_at", "-pk")

    def running(self) -> Self:
        """Those that are opened and not closed: scheduled or open, as ``Quiz.state`` says it."""
        ended = Q(closed_at__isnull=False) | Q(closes_at__lte=timezone.now())
        return self.filter(opened_at__isnull=False).exclude(ended)

    def organised_by(self, user: object) -> Self:
        """Those that ``user`` made, signed, opened, closed, opened again, or in which they decided about a repeat.

        All of that is recorded with their name.
        """
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(created_by=user) | Q(sign_offs__user=user) | Q(events__by=user)).distinct()


class QuizManager(models.Manager["Quiz"]):
    """Without the record, which is large and which hardly any page reads; it is fetched where it is asked for."""

    def get_queryset(self) -> QuizQuerySet:
        return QuizQuerySet(self.model, using=self._db).defer("record")


def counting(prefix: str = "") -> Q:
    """The condition for ballots that count: submitted, complete, and no repeat unless an organiser counts it."""
    no_repeat = Q(**{f"{prefix}repeat_of": None}) | Q(**{f"{prefix}counted_anyway": True})
    return Q(**{f"{prefix}submitted_at__isnull": False, f"{prefix}complete": True}) & no_repeat


class Quiz(models.Model):
    """Held-out micrographs that people and model versions sort into the same classes."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="quizzes")
    dataset_version = models.ForeignKey(DatasetVersion, null=True, on_delete=models.PROTECT, related_name="quizzes")
    competitors = models.ManyToManyField(ModelVersion, related_name="quizzes")
    title = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100, unique=True)
    instructions = models.TextField(blank=True)
    consent_text = models.TextField(blank=True, help_text=_("What readers agree to; empty: MicroDB's own text."))
    offers_none_of_these = models.BooleanField(default=True)
    shuffled = models.BooleanField(default=True, help_text=_("Each reader gets an order of their own."))
    asks_confidence = models.BooleanField(default=False, help_text=_("Readers may say how sure they are."))
    teaching = models.BooleanField(default=False, help_text=_("Truth and the models' answers follow each answer."))
    by_invitation = models.BooleanField(default=False, help_text=_("The quiz's plain link lets nobody in."))
    needs_sign_off = models.BooleanField(default=False, help_text=_("Two curators must sign the truth."))
    time_limit_minutes = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("For one whole ballot."))
    opens_at = models.DateTimeField(null=True, blank=True, help_text=_("Takes answers from then on."))
    closes_at = models.DateTimeField(null=True, blank=True, help_text=_("Takes no answers any more."))
    truths_shown = models.CharField(max_length=13, choices=TruthsShown, default=TruthsShown.AFTER_SITTING)
    completeness_percent = models.PositiveSmallIntegerField(
        default=100, help_text=_("Share of the questions that a ballot must answer to count.")
    )
    analysis_plan = models.TextField(blank=True, help_text=_("What will be tested, written before any answer."))
    answers_known = models.JSONField(
        default=dict,
        editable=False,
        help_text=_("Answers of each competitor that could be read when the questions were chosen."),
    )
    unknown_specimens = models.JSONField(
        null=True, editable=False, help_text=_("Micrographs without a specimen that an organiser accepted at opening.")
    )
    record = models.TextField(blank=True, editable=False, help_text=_("What was fixed at opening, as JSON."))
    frozen_sha256 = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("Of the record; before records were kept, of questions, truth and the models' answers."),
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)

    objects = QuizManager.from_queryset(QuizQuerySet)()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "quizzes"
        constraints = [
            models.CheckConstraint(condition=Q(opened_at=None) | ~Q(frozen_sha256=""), name="quiz_open_is_frozen"),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(opens_at__lt=F("closes_at")),
                name="quiz_opens_before_it_closes",
                violation_error_message=_("A quiz closes after it opens; choose a later closing time."),
            ),
            models.CheckConstraint(
                condition=Q(time_limit_minutes=None) | Q(time_limit_minutes__gt=0), name="quiz_time_limit_positive"
            ),
            models.CheckConstraint(condition=Q(completeness_percent__lte=100), name="quiz_completeness_percent"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        """One word for badges: draft, scheduled (fixed, but before its time), open or closed."""
        now = timezone.now()
        if self.opened_at is None:
            return "draft"
        if self.closed_at or (self.closes_at and self.closes_at <= now):
            return "closed"
        return "scheduled" if self.opens_at and now < self.opens_at else "open"

    def answers_needed(self, questions: int) -> int:
        """How many of so many questions a ballot must answer to count; never 0, as an empty one can't be submitted."""
        return max(1, -(-questions * self.completeness_percent // 100))

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def is_closed(self) -> bool:
        return self.state == "closed"


class Option(models.Model):
    """One possible answer of readers and models, fixed when the quiz opens: it outlives its class's name and row."""

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="options")
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=60, help_text=_("The class's name, or none-of-these."))
    material_class = models.ForeignKey(MaterialClass, null=True, on_delete=models.SET_NULL, related_name="+")
    description = models.TextField(blank=True, help_text=_("The class's definition, shown to readers."))
    confused_with = models.JSONField(default=list, help_text=_("Labels that the class is often confused with."))

    class Meta:
        ordering = ["quiz", "position"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "label"], name="option_once"),
            models.UniqueConstraint(fields=["quiz", "position"], name="option_position_once"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_none_of_these(self) -> bool:
        return self.label == NONE_OF_THESE

    @property
    def choice(self) -> str:
        """The value that its button sends."""
        return str(self.pk)


class Question(models.Model):
    """One micrograph of a quiz; its truth is the micrograph's label until the quiz opens, and then fixed."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text=_("Tells nothing of the image."))
    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    micrograph = models.ForeignKey(Micrograph, on_delete=models.PROTECT, related_name="questions")
    pixels_per_micrometre = models.FloatField(null=True)
    truth = models.ForeignKey(Option, null=True, on_delete=models.RESTRICT, related_name="questions")

    class Meta:
        ordering = ["quiz", "position"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "micrograph"], name="question_once"),
            models.UniqueConstraint(fields=["quiz", "position"], name="question_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz}, question {self.position + 1}"

    @property
    def micrometres_wide(self) -> float | None:
        """The width of the field, None without a scale."""
        return self.micrograph.width / self.pixels_per_micrometre if self.pixels_per_micrometre else None

    @property
    def truth_label(self) -> str:
        """The true class's name, or ``none-of-these``."""
        return self.truth.label if self.truth else self.micrograph.label


class Exemplar(models.Model):
    """A typical micrograph of a class, shown to readers; never one of the quiz."""

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="exemplars")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    material_class = models.ForeignKey(MaterialClass, on_delete=models.CASCADE, related_name="+")
    micrograph = models.ForeignKey(Micrograph, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["material_class__position", "pk"]
        constraints = [models.UniqueConstraint(fields=["quiz", "micrograph"], name="exemplar_once")]

    def __str__(self) -> str:
        return f"{self.material_class}: {self.micrograph}"

    @property
    def micrometres_wide(self) -> float | None:
        """The width of the field, None without a scale."""
        scale = self.micrograph.pixels_per_micrometre
        return self.micrograph.width / scale if scale else None


class SignOff(models.Model):
    """A curator's statement that the truth of a draft is right, valid for that truth only."""

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="sign_offs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    truth_sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["signed_at"]
        constraints = [models.UniqueConstraint(fields=["quiz", "user"], name="sign_off_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.quiz}"
