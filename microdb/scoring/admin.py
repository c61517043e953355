"""Scores and batches in the admin: to read and to cancel."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from microdb.scoring.models import Batch, BatchQuerySet, Score, ScoreQuerySet
from microdb.scoring.services import cancel_batch, cancel_score


class CancelOnly(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    """Workers write these rows; a person only stops their work."""

    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ["cancel"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the page that asks lists all scores that would go


@admin.register(Score)
class ScoreAdmin(CancelOnly):
    list_display = ["thumbnail", "micrograph", "state", "predicted", "probability", "version", "queue", "deliveries",
                    "created_at", "error_id"]  # fmt: skip
    list_display_links = ["micrograph"]
    list_filter = ["state", "queue", "predicted", "model_version__dataset"]
    list_select_related = ["micrograph", "model_version__dataset"]
    search_fields = ["micrograph__filename", "error", "error_id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Score]:
        rows = cast(ScoreQuerySet, super().get_queryset(request)).shown_to(request.user)
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
    list_display = ["id", "version", "requested_by", "total", "done", "waiting", "created_at", "cancelled_at"]
    list_filter = ["model_version__dataset"]
    list_select_related = ["model_version__dataset", "requested_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        rows = super().get_queryset(request).defer("model_version__descriptor_map", "model_version__metrics")
        return cast(BatchQuerySet, rows).with_counts()

    @admin.display(description="model version")
    def version(self, batch: Batch) -> str:
        return str(batch.model_version)

    @admin.display
    def total(self, batch: Any) -> int:
        return int(batch.total)

    @admin.display
    def done(self, batch: Any) -> int:
        return int(batch.done)

    @admin.display
    def waiting(self, batch: Any) -> int:
        return int(batch.waiting)

    @admin.action(description="Cancel what the chosen batches wait for")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Batch]) -> None:
        count = sum(cancel_batch(batch=batch) for batch in queryset)
        messages.success(request, f"Cancelled {count} scores.")
