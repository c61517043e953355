"""A quiz, its questions, the ballots of its readers and their answers, and the models' fixed answers."""

import random
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import Panel
from microdb.micrographs.models import NONE_OF_THESE, Dataset, DatasetVersion, MaterialClass, Micrograph, Role
from microdb.training.models import ModelVersion

UNSURE = "unsure"
"""The choice of a reader who cannot tell; not the same as none of these."""


class QuizQuerySet(models.QuerySet["Quiz"]):
    def visible_to(self, user: object, role: str = Role.VIEWER) -> Self:
        return self.filter(dataset__in=Dataset.objects.visible_to(user, role))

    def open(self) -> Self:
        return self.filter(opened_at__isnull=False, closed_at=None)

    def with_counts(self) -> Self:
        """With ``question_count``, ``reader_count`` (submitted, real) and ``simulated_count``."""
        submitted = Q(ballots__submitted_at__isnull=False)
        return self.annotate(
            question_count=Count("questions", distinct=True),
            reader_count=Count("ballots", filter=submitted & Q(ballots__simulated=False), distinct=True),
            simulated_count=Count("ballots", filter=submitted & Q(ballots__simulated=True), distinct=True),
        ).order_by("-created_at", "-pk")


class Quiz(models.Model):
    """Held-out micrographs that people and model versions sort into the same classes."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="quizzes")
    dataset_version = models.ForeignKey(DatasetVersion, null=True, on_delete=models.PROTECT, related_name="quizzes")
    competitors = models.ManyToManyField(ModelVersion, related_name="quizzes")
    title = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100, unique=True)
    instructions = models.TextField(blank=True)
    offers_none_of_these = models.BooleanField(default=True)
    shuffled = models.BooleanField(default=True, help_text=_("Each reader gets an order of their own."))
    frozen_sha256 = models.CharField(
        max_length=64, blank=True, editable=False, help_text=_("Of questions, truth and the models' answers.")
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)

    objects = QuizQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "quizzes"
        constraints = [
            models.CheckConstraint(condition=Q(opened_at=None) | ~Q(frozen_sha256=""), name="quiz_open_is_frozen"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None

    @property
    def state(self) -> str:
        """One word for badges: draft, open or closed."""
        if self.opened_at is None:
            return "draft"
        return "closed" if self.closed_at else "open"


class Question(models.Model):
    """One micrograph of a quiz with its true class, both fixed when the quiz opens."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text=_("Tells nothing of the image."))
    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    micrograph = models.ForeignKey(Micrograph, on_delete=models.PROTECT, related_name="questions")
    pixels_per_micrometre = models.FloatField(null=True)
    truth = models.ForeignKey(MaterialClass, null=True, on_delete=models.PROTECT, related_name="+")
    truth_none_of_these = models.BooleanField(default=False)

    class Meta:
        ordering = ["quiz", "position"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "micrograph"], name="question_once"),
            models.UniqueConstraint(fields=["quiz", "position"], name="question_position_once"),
            models.CheckConstraint(
                condition=Q(truth__isnull=False, truth_none_of_these=False) | Q(truth=None, truth_none_of_these=True),
                name="question_one_truth",
            ),
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
        return self.truth.name if self.truth else NONE_OF_THESE


class ModelAnswer(models.Model):
    """What a competing model version answered, fixed when the quiz opens."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="model_answers")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="quiz_answers")
    predicted = models.CharField(max_length=60)
    none_of_these = models.FloatField()
    probabilities = models.JSONField()
    saliency = models.CharField(max_length=200, blank=True, help_text=_("Storage name of the map."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "model_version"], name="model_answer_once")]

    def __str__(self) -> str:
        return self.predicted


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


class BallotQuerySet(models.QuerySet["Ballot"]):
    def submitted(self) -> Self:
        return self.filter(submitted_at__isnull=False)


class Ballot(models.Model):
    """One reader's sitting of a quiz. Whoever holds its key may answer, so the key is secret."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="ballots")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="ballots")
    nickname = models.CharField(max_length=50)
    panel = models.CharField(max_length=10, choices=Panel)
    years_of_experience = models.PositiveSmallIntegerField(null=True, blank=True)
    simulated = models.BooleanField(default=False, editable=False)
    order_seed = models.PositiveIntegerField(editable=False)
    started_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, editable=False)

    objects = BallotQuerySet.as_manager()

    class Meta:
        ordering = ["started_at"]

    def __str__(self) -> str:
        return self.nickname

    def questions_in_order(self) -> list[Question]:
        """The quiz's questions in this reader's order, the same at every visit."""
        questions = list(self.quiz.questions.select_related("micrograph"))
        if self.quiz.shuffled:
            random.Random(self.order_seed).shuffle(questions)
        return questions


class Answer(models.Model):
    """What a reader chose: a class, none of these, or unsure."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    material_class = models.ForeignKey(MaterialClass, null=True, on_delete=models.PROTECT, related_name="+")
    none_of_these = models.BooleanField(default=False)
    unsure = models.BooleanField(default=False)
    active_ms = models.PositiveIntegerField(default=0, help_text=_("Milliseconds with the question in view."))
    answered_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ballot", "question"], name="answer_once"),
            models.CheckConstraint(
                condition=Q(material_class__isnull=False, none_of_these=False, unsure=False)
                | Q(material_class=None, none_of_these=True, unsure=False)
                | Q(material_class=None, none_of_these=False, unsure=True),
                name="answer_is_one_choice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ballot} on {self.question}"

    @property
    def choice(self) -> str:
        """As ``services.record_answer`` takes it: the class's primary key, ``none-of-these`` or ``unsure``."""
        if self.material_class_id:
            return str(self.material_class_id)
        return NONE_OF_THESE if self.none_of_these else UNSURE

    @property
    def label(self) -> str:
        """The class's name, ``none-of-these`` or ``unsure``."""
        return self.material_class.name if self.material_class else self.choice
