"""Events, who wants to hear of them, and the deliveries to each of these.

An event and its deliveries are stored in the transaction that changes the state which they report. The sweep sends what
is due, so an event is neither lost with a worker or the queue, nor sent for a change that was rolled back.
"""

import json
import uuid
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microdb.jobs import UNSENT_AFTER, Job, JobQuerySet
from microdb.micrographs.models import Dataset, Role


class EventKind(models.TextChoices):
    BATCH_FINISHED = "batch.finished", _("a batch has finished")
    TRAINING_FINISHED = "training.finished", _("a training has finished or failed")
    QUIZ_CLOSED = "quiz.closed", _("a quiz was closed")
    PING = "ping", _("a test, sent by hand")

    @classmethod
    def offered(cls) -> list[tuple[str, Any]]:
        """Those that can be subscribed to."""
        return [(kind.value, kind.label) for kind in cls if kind != cls.PING]


class Event(models.Model):
    """Something that happened to a dataset; ``id`` is the webhook-id of every delivery."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=EventKind)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="events")
    subject = models.CharField(max_length=100, help_text=_("What it happened to, and which time."))
    data = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="event_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"

    @property
    def body(self) -> str:
        """What is sent; the same text at every attempt."""
        return json.dumps({"type": self.kind, "timestamp": self.created_at.isoformat(), "data": self.data})


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, user: object) -> Self:
        """Those of datasets that ``user`` curates."""
        return self.filter(dataset__in=Dataset.objects.visible_to(user, Role.CURATOR))


class Webhook(models.Model):
    """An address to which events of a dataset are sent. It belongs to the dataset; its curators manage it."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="webhooks")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    url = models.URLField(max_length=500)
    description = models.CharField(max_length=200, blank=True)
    kinds = ArrayField(models.CharField(max_length=20, choices=EventKind))
    seed = models.CharField(max_length=43, editable=False, help_text=_("The secret is made of it and SECRET_KEY."))
    old_seed = models.CharField(max_length=43, blank=True, editable=False)
    old_seed_until = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    disabled_at = models.DateTimeField(null=True, editable=False)
    disabled_reason = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["dataset", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "url"],
                name="webhook_once",
                violation_error_message=_("The dataset has a webhook with this address; change that one instead."),
            )
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None


class Mailing(models.Model):
    """The events of a dataset of which a member wants e-mails."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="mailings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mailings")
    kinds = ArrayField(models.CharField(max_length=20, choices=EventKind))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "user"], name="mailing_once")]

    def __str__(self) -> str:
        return f"{self.user}: {', '.join(self.kinds)}"


class DeliveryQuerySet(JobQuerySet["Delivery"]):
    def take_due(self, limit: int = 500) -> list[Any]:
        """Primary keys of deliveries that must be sent now; they are marked as given to the queue."""
        now = timezone.now()
        unsent = Q(enqueued_at__lt=F("next_try_at")) | Q(enqueued_at__lt=now - 10 * UNSENT_AFTER)
        due = self.filter(unsent, state=Job.State.QUEUED, next_try_at__lte=now).order_by("next_try_at")
        keys = list(due.values_list("pk", flat=True)[:limit])
        self.filter(pk__in=keys, state=Job.State.QUEUED).update(enqueued_at=now)
        return keys


class Delivery(Job):
    """An event on its way to one webhook or one person; a failed attempt queues it again for later."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    webhook = models.ForeignKey(Webhook, null=True, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="event_deliveries"
    )
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    next_try_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="queued"), name="delivery_due"),
            models.Index(fields=["webhook", "-created_at"], name="delivery_log"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(webhook__isnull=False, recipient=None) | Q(webhook=None, recipient__isnull=False),
                name="delivery_to_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook or self.recipient}"

    def try_again(self, at: Any) -> bool:
        """Queue it for later; False when it is no longer this worker's."""
        fields = {"next_try_at": at, "attempts": F("attempts") + 1, "deliveries": 0}
        return bool(self._mine().update(state=self.State.QUEUED, **fields))


class Attempt(models.Model):
    """One request to a webhook, or one e-mail: what came back."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    made_at = models.DateTimeField(auto_now_add=True)
    seconds = models.FloatField()
    status = models.PositiveSmallIntegerField(null=True, help_text=_("Of the HTTP answer, if there was one."))
    answer = models.TextField(blank=True, help_text=_("The first 1024 bytes."))
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return str(self.status or self.error)
