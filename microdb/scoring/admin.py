"""Scores and batches in the admin: to read and to cancel."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from microdb.admin_lists import BoundedAdmin
from microdb.labels import NONE_OF_THESE
from microdb.micrographs.models import Dataset, MaterialClass, withheld_keys
from microdb.scoring.models import Batch, BatchItem, Score
from microdb.scoring.services import cancel_batch, cancel_score
from microdb.scoring.services.scores import PATIENT, URGENT
from microdb.training.models import ModelVersion

LONGEST_KEY = 18
"""Digits that fit into a column of keys."""


class CancelOnly(BoundedAdmin):
    """Workers write these rows; a person only stops their work."""

    sortable_by = ["created_at"]
    actions = ["cancel"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the page that asks lists all scores that would go


class PredictedFilter(admin.SimpleListFilter):
    """By the class that was predicted, among those that there are today."""

    title = parameter_name = "predicted"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:  # type: ignore[type-arg] # generic in the stubs alone
        names = MaterialClass.objects.order_by("name").values_list("name", flat=True)
        return [(name, name) for name in (*dict.fromkeys(names), NONE_OF_THESE)]

    def queryset(self, request: HttpRequest, scores: QuerySet[Score]) -> QuerySet[Score]:
        return scores.filter(predicted=self.value()) if self.value() else scores


class QueueFilter(admin.SimpleListFilter):
    title = parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:  # type: ignore[type-arg] # generic in the stubs alone
        return [(queue, queue) for queue in (URGENT, PATIENT)]

    def queryset(self, request: HttpRequest, scores: QuerySet[Score]) -> QuerySet[Score]:
        return scores.filter(queue=self.value()) if self.value() else scores


class VersionsOfDatasetFilter(admin.SimpleListFilter):
    """By the dataset of the model version."""

    title, parameter_name = "dataset", "dataset"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:  # type: ignore[type-arg] # generic in the stubs alone
        return [(str(dataset.pk), str(dataset)) for dataset in Dataset.objects.only("name")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        given = self.value() or ""
        if not given.isdecimal() or len(given) > LONGEST_KEY:
            return rows
        # Keys in place of a join, so that Postgres knows how many rows have them
        versions = ModelVersion.objects.filter(dataset=int(given)).values_list("pk", flat=True)
        return rows.filter(model_version__in=list(versions))


@admin.register(Score)
class ScoreAdmin(CancelOnly):
    list_display = ["thumbnail", "micrograph", "state", "predicted", "probability", "version", "queue", "deliveries",
                    "created_at", "error_id"]  # fmt: skip
    list_display_links = ["micrograph"]
    list_filter = ["created_at", "state", QueueFilter, PredictedFilter, VersionsOfDatasetFilter]
    list_per_page = 50
    list_select_related = ["micrograph", "model_version__dataset"]
    search_fields = ["micrograph__filename__icontains", "error__icontains", "error_id__exact"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Score]:
        rows = super().get_queryset(request)
        if withheld := withheld_keys(request.user):
            rows = rows.exclude(micrograph__in=withheld)
        return rows.defer("model_version__descriptor_map", "model_version__metrics")

    @admin.display(description="")
    def thumbnail(self, score: Score) -> str:
        return format_html(
            '<img src="{}" alt="" width="64">', reverse("micrographs:micrograph_thumbnail", args=[score.micrograph_id])
        )

    @admin.display(description="model version")
    def version(self, score: Score) -> str:
        return str(score.model_version)

    @admin.action(description="Cancel the chosen scores")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Score]) -> None:
        count = sum(cancel_score(score=score) for score in queryset)
        messages.success(request, f"Cancelled {count} scores.")


@admin.register(Batch)
class BatchAdmin(CancelOnly):
    list_display = [
        "id",
        "version",
        "requested_by",
        "files",
        "created_at",
        "started_at",
        "announced_at",
        "cancelled_at",
    ]
    list_filter = [VersionsOfDatasetFilter]
    list_select_related = ["model_version__dataset", "requested_by"]
    readonly_fields = ["files"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        rows = super().get_queryset(request).defer("model_version__descriptor_map", "model_version__metrics")
        last = BatchItem.objects.filter(batch=OuterRef("pk")).order_by("-position").values("position")[:1]
        counted: QuerySet[Batch] = rows.annotate(last_position=Subquery(last))
        return counted

    @admin.display(description="model version")
    def version(self, batch: Batch) -> str:
        return str(batch.model_version)

    @admin.display
    def files(self, batch: Any) -> int:
        """Positions are given from 0 on, without gaps."""
        return 0 if batch.last_position is None else batch.last_position + 1

    @admin.action(description="Cancel what the chosen batches wait for")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Batch]) -> None:
        count = sum(cancel_batch(batch=batch) for batch in queryset)
        messages.success(request, f"Cancelled {count} scores.")
