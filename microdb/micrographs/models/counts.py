"""Counts of a dataset's micrographs, which the database keeps, so that no page counts a hundred thousand rows.

Each statement that adds, changes or deletes micrographs fires a trigger (migration ``0011_micrograph_counts``). It
writes by how much the number of micrographs with each combination of values grows or shrinks. Rows are only ever
added, so no writer waits for another; ``services.merge_counts`` adds them up from time to time.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, Count, ExpressionWrapper, Func, Q, QuerySet, SmallIntegerField, Sum

from microdb.micrographs.models.datasets import Dataset, MaterialClass
from microdb.micrographs.models.micrographs import Micrograph

BINS_PER_DECADE = 2
"""Of the scale; bin 0 begins at 1 pixel per micrometre."""
Cell = dict[str, Any]
"""One combination of values by column, and how many micrographs have it as ``total``."""


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


def counted(dataset: Dataset, *columns: str) -> list[Cell]:
    """The kept micrographs by ``columns`` of ``MicrographCount``, without those that are withheld from the viewer.

    The database has counted these few too, so they are taken off.
    """
    cells: list[Cell] = list(dataset.micrograph_counts.counted(*columns))
    if not dataset.withheld:
        return cells
    hidden = Counter({tuple(cell[name] for name in columns): cell["total"] for cell in _withheld(dataset, columns)})
    for cell in cells:
        cell["total"] -= hidden[tuple(cell[name] for name in columns)]
    return [cell for cell in cells if cell["total"]]


def _withheld(dataset: Dataset, columns: Sequence[str]) -> Iterable[Cell]:
    """The cells of the withheld micrographs, in the values that the trigger writes."""
    derived = {
        "no_specimen": ExpressionWrapper(Q(specimen=""), output_field=BooleanField()),
        "scale_bin": Func(
            "pixels_per_micrometre",
            template=f"floor({BINS_PER_DECADE} * log(%(expressions)s))::smallint",
            output_field=SmallIntegerField(),
        ),
    }
    withheld = Micrograph.objects.kept().filter(pk__in=dataset.withheld).annotate(**derived)
    cells: Iterable[Cell] = withheld.order_by().values(*columns).annotate(total=Count("*"))
    return cells
