"""Users with their expertise, and the tokens by which their scripts sign in."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

A_WEEK = timedelta(days=7)


class Panel(models.TextChoices):
    """The two panels of the paper's quizzes."""

    EXPERT = "expert", _("expert")
    NON_EXPERT = "non-expert", _("non-expert")


class User(AbstractUser):
    """A person with an account."""

    expertise = models.CharField(
        max_length=10, choices=Panel, default=Panel.NON_EXPERT, help_text=_("The panel whose quiz answers theirs join.")
    )
    years_of_experience = models.PositiveSmallIntegerField(null=True, blank=True)
    must_verify_email = models.BooleanField(
        default=False, help_text=_("Signed up by themselves: can sign in only with a verified e-mail address.")
    )

    mails_about_tokens = models.BooleanField(
        _("E-mails about API tokens"),
        default=True,
        help_text=_("Seven days and one day before one of your tokens expires."),
    )

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()  # as allauth looks it up
        super().save(*args, **kwargs)

    only_datasets: Collection[int] | None = None
    """Not stored: the datasets to which the token of the present request restricts its owner; None for all."""


class ApiToken(models.Model):
    """A secret for scripts; only its SHA-256 is kept, so it is shown once."""

    class Scope(models.TextChoices):
        READ = "read", _("read what its owner sees")
        UPLOAD = "upload", _("upload and label micrographs, change datasets")
        TRAIN = "train", _("start, cancel and activate model versions")
        SCORE = "score", _("start and cancel batches")
        QUIZ = "quiz", _("read quizzes and their results")
        CURATE = "curate", _("use the trash, manage members, quizzes and webhooks")

    USUAL_SCOPES = (Scope.READ, Scope.UPLOAD, Scope.TRAIN, Scope.SCORE, Scope.QUIZ)
    """What a new token gets where nobody chooses: everything but deleting."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    beginning = models.CharField(max_length=8, editable=False, help_text=_("To recognise it in a list."))
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope))
    only_datasets = ArrayField(
        models.BigIntegerField(),
        null=True,
        blank=True,
        help_text=_("Primary keys of the datasets that it reaches; null: all that its owner sees."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    secret_made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, help_text=_("Empty: it never expires."))
    warned_days = models.PositiveSmallIntegerField(
        null=True,
        editable=False,
        help_text=_("How many days before its end the last warning was about; null before any."),
    )
    previous_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 # many have none
    previous_expires_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"{self.beginning}… ({', '.join(self.scopes)})"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def expires_soon(self) -> bool:
        """Within a week; pages then warn."""
        return self.expires_at is not None and not self.is_expired and self.expires_at - timezone.now() < A_WEEK

    @property
    def previous_works(self) -> bool:
        """Whether the secret from before the last rotation is still taken."""
        return self.previous_expires_at is not None and self.previous_expires_at > timezone.now()


class IdempotencyKey(models.Model):
    """A request of the API that was carried out, under the key by which its client may repeat it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    path = models.TextField()
    fields_sha256 = models.CharField(max_length=64)
    files_sha256 = models.CharField(max_length=64)
    answer = models.JSONField(help_text=_("The body that was answered."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.path}"
