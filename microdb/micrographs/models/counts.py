"""Counts of a dataset's micrographs, which the database keeps, so that no page counts a hundred thousand rows.

Each statement that adds, changes or deletes micrographs fires a trigger (migration ``0011_micrograph_counts``). It
writes by how much the number of micrographs with each combination of values grows or shrinks. Rows are only ever
added, so no writer waits for another; ``services.merge_counts`` adds them up from time to time.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet, Sum

from microdb.micrographs.models.datasets import Dataset, MaterialClass

BINS_PER_DECADE = 2
"""Of the scale; bin 0 begins at 1 pixel per micrometre."""


class MicrographCountQuerySet(models.QuerySet["MicrographCount"]):
    def counted(self, *columns: str) -> QuerySet[Any, Any]:
        """``values(*columns)`` with ``total``: the kept micrographs of each combination that there is."""
        summed: QuerySet[Any, Any] = self.order_by().values(*columns).annotate(total=Sum("count"))
        return summed.filter(total__gt=0)


class MicrographCount(models.Model):
    """So many more kept micrographs (fewer, where negative) with this combination of values."""

    # No foreign key holds in the database: the rows of a deleted dataset add up to nothing and go by themselves.
    dataset = models.ForeignKey(
        Dataset, on_delete=models.CASCADE, db_constraint=False, related_name="micrograph_counts"
    )
    material_class = models.ForeignKey(
        MaterialClass, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    none_of_these = models.BooleanField()
    unsure = models.BooleanField()
    split = models.CharField(max_length=5, blank=True)
    modality = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=10)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    flaw = models.CharField(max_length=10, blank=True)
    no_specimen = models.BooleanField()
    scale_bin = models.SmallIntegerField(null=True)
    count = models.IntegerField()
    loose = models.BooleanField(default=True, help_text="Written by the trigger and not yet added up.")

    objects = MicrographCountQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["dataset"], condition=Q(loose=True), name="count_loose")]

    def __str__(self) -> str:
        return f"{self.count:+d}"
