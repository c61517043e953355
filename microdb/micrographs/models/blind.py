"""Blind double labelling: two people label the same micrographs, neither seeing the other's answers."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from microdb.micrographs.models.datasets import Dataset, Role
from microdb.micrographs.models.micrographs import Micrograph


class BlindRoundQuerySet(models.QuerySet["BlindRound"]):
    def visible_to(self, user: object, role: str = Role.VIEWER) -> Self:
        return self.filter(dataset__in=Dataset.objects.visible_to(user, role))


class BlindRound(models.Model):
    """A set of micrographs that two people label independently; their agreement measures how clear the classes are."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="blind_rounds")
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BlindRoundQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(first=F("second")),
                name="blind_round_two_people",
                violation_error_message=_("Blind labelling takes two different people."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"


class BlindItem(models.Model):
    """One micrograph of a round with both answers: a class name, none-of-these or unsure; empty until given."""

    round = models.ForeignKey(BlindRound, on_delete=models.CASCADE, related_name="items")
    micrograph = models.ForeignKey(Micrograph, on_delete=models.CASCADE, related_name="blind_items")
    position = models.PositiveIntegerField()
    first_answer = models.CharField(max_length=60, blank=True)
    second_answer = models.CharField(max_length=60, blank=True)
    settled_answer = models.CharField(max_length=60, blank=True, help_text=_("The label that was set in the end."))

    class Meta:
        ordering = ["round", "position"]
        constraints = [models.UniqueConstraint(fields=["round", "micrograph"], name="blind_item_once")]

    def __str__(self) -> str:
        return f"{self.micrograph_id}: {self.first_answer or '—'} / {self.second_answer or '—'}"
