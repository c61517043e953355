"""Model versions in the admin: to read and to cancel."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from microdb.training.models import ModelVersion
from microdb.training.services import cancel_training


@admin.register(ModelVersion)
class ModelVersionAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    """Training writes these rows; a person only stops one."""

    list_display = ["__str__", "state", "progress", "is_active", "deliveries", "requested_by", "created_at", "error_id"]
    list_filter = ["state", "is_active", "dataset"]
    list_select_related = ["dataset", "requested_by"]
    search_fields = ["dataset__name", "dataset__slug", "error", "error_id"]
    date_hierarchy = "created_at"
    actions = ["cancel"]
    exclude = ["descriptor_map", "imported"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        return super().get_queryset(request).defer("descriptor_map", "metrics")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ModelVersion | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ModelVersion | None = None) -> bool:
        return False  # scores and quizzes rest on it, and the page that asks would list them

    @admin.action(description="Cancel the chosen trainings")
    def cancel(self, request: HttpRequest, queryset: QuerySet[ModelVersion]) -> None:
        count = sum(cancel_training(model_version=version) for version in queryset)
        messages.success(request, f"Cancelled {count} trainings.")
