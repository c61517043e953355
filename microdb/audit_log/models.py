"""Entries of the audit log. The database refuses to change or delete them; see migration 0002."""

from typing import Any, ClassVar, Self

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microdb.audit_log.verbs import Verb

row_noticed = Signal()
"""Sent with ``row``, ``action`` and ``changes`` when django-auditlog noticed a change of a tracked row."""


class ActorKind(models.TextChoices):
    """Who can do something."""

    PERSON = "person", _("a person")
    COMMAND = "command", _("a command")
    WORKER = "worker", _("a worker")
    VISITOR = "visitor", _("somebody who was not signed in")


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries, the latest first."""

    def of_dataset(self, pk: int) -> Self:
        return self.filter(dataset_id=pk)

    def of_kind(self, kind: str) -> Self:
        return self.filter(verb__in=[verb.value for verb in Verb if verb.kind == kind])

    def older_than(self, entry: "Entry") -> Self:
        """What follows ``entry`` in the order of the log."""
        same_moment = models.Q(timestamp=entry.timestamp, pk__lt=entry.pk)
        return self.filter(timestamp__lte=entry.timestamp).filter(models.Q(timestamp__lt=entry.timestamp) | same_moment)


class EntryManager(LogEntryManager.from_queryset(EntryQuerySet)):  # type: ignore[misc] # a class made at run time
    """Passes on what django-auditlog notices, instead of storing it in the library's own words."""

    def log_create(self, instance: models.Model, force_log: bool = False, **given: Any) -> None:
        """A tracked row was added, changed or deleted."""
        row_noticed.send(type(instance), row=instance, action=given["action"], changes=given.get("changes") or {})

    def log_m2m_changes(
        self, changed_queryset: Any, instance: models.Model, operation: str, field_name: str, **given: Any
    ) -> None:
        """Rows were added to a tracked many-to-many field, or removed."""
        names = sorted(str(one) for one in changed_queryset)
        if names:
            changes = {field_name: [[], names] if operation == "add" else [names, []]}
            row_noticed.send(type(instance), row=instance, action=Entry.Action.UPDATE, changes=changes)


class Entry(AbstractLogEntry):  # type: ignore[misc] # its package has no types
    """One thing that was done. Who, where and on what stay readable when the account or the object is deleted."""

    # Columns of the library's that this log has no use for
    changes_text = serialized_data = remote_port = actor_email = object_id = None

    timestamp = models.DateTimeField(default=timezone.now)
    content_type = models.ForeignKey(
        ContentType, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    object_pk = models.CharField(max_length=255, blank=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    actor_kind = models.CharField(max_length=10, choices=ActorKind)
    actor_name = models.CharField(max_length=150, blank=True, help_text=_("As it was then."))
    token = models.CharField(max_length=8, blank=True, help_text=_("The beginning of the API token that was used."))
    verb = models.CharField(max_length=40)
    dataset_id = models.BigIntegerField(null=True, help_text=_("No foreign key: entries outlive their dataset."))
    dataset_name = models.CharField(max_length=100, blank=True)
    number = models.PositiveIntegerField(default=1, help_text=_("How many rows this was done to."))

    objects: ClassVar[Any] = EntryManager()

    class Meta(AbstractLogEntry.Meta):  # type: ignore[misc] # its package has no types
        ordering = ["-timestamp", "-pk"]
        verbose_name_plural = _("audit log")
        indexes = [
            models.Index(fields=["dataset_id", "-timestamp", "-id"], name="audit_of_dataset"),
            models.Index(fields=["-timestamp", "-id"], name="audit_latest"),
            models.Index(fields=["actor_name", "-timestamp", "-id"], name="audit_by_actor"),
            models.Index(fields=["verb"], name="audit_of_verb"),  # for rare ones: common ones are among the latest
        ]

    def __str__(self) -> str:
        return f"{self.timestamp:%Y-%m-%d %H:%M} {self.actor_name} {self.verb} {self.object_repr}"
