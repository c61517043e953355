"""Users with their expertise, and the tokens by which their scripts sign in."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


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

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()  # as allauth looks it up
        super().save(*args, **kwargs)


class ApiToken(models.Model):
    """A secret for scripts; only its SHA-256 is kept, so it is shown once."""

    class Scope(models.TextChoices):
        READ = "read", _("read what its owner sees")
        UPLOAD = "upload", _("upload and label micrographs, change datasets")
        TRAIN = "train", _("start, cancel and activate model versions")
        SCORE = "score", _("start and cancel batches")
        QUIZ = "quiz", _("read quizzes and their results")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    beginning = models.CharField(max_length=8, editable=False, help_text=_("To recognise it in a list."))
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope))
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"{self.beginning}… ({', '.join(self.scopes)})"


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
