"""Invitations to a dataset, by a link or by e-mail."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.models.datasets import Dataset, Membership, Role


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self) -> Self:
        """Those that let somebody in today.

        An invitation ends with its time, its uses and the dataset, and when the person who made it is no longer an
        owner: somebody who was removed keeps no way back.
        """
        still_owner = Membership.objects.filter(
            dataset=OuterRef("dataset"), user=OuterRef("created_by"), role=Role.OWNER
        )
        return (
            self.annotate(used=Count("uses"))
            .filter(Exists(still_owner) | Q(created_by__is_superuser=True), created_by__is_active=True)
            .filter(used__lt=F("most_uses"), revoked_at=None, expires_at__gt=timezone.now(), dataset__trashed_at=None)
        )


class Invitation(models.Model):
    """Whoever has its secret joins the dataset with its role, and may sign up for that."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=Role)
    email = models.EmailField(blank=True, help_text=_("Where it was sent; empty for a link."))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    most_uses = models.PositiveSmallIntegerField(default=1, help_text=_("How many people it lets in."))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(most_uses__gte=1), name="invitation_has_a_use"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset}: {self.email or 'link'} ({self.role})"


class InvitationUse(models.Model):
    """Somebody who came in by an invitation."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="uses")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    used_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invitation", "user"], name="invitation_used_once_each")]

    def __str__(self) -> str:
        return f"{self.user}: {self.invitation_id}"
