"""Webhooks and their deliveries in the admin, to read and to delete."""

from django.contrib import admin
from django.http import HttpRequest

from microdb.webhooks.models import Delivery, Webhook


class Unchanging(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    """For superusers; curators have the pages of their datasets."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Webhook)
class WebhookAdmin(Unchanging):
    list_display = ["url", "dataset", "created_by", "kinds", "failing_since", "disabled_at"]
    list_select_related = ["dataset", "created_by"]
    exclude = ["seed", "old_seed"]


@admin.register(Delivery)
class DeliveryAdmin(Unchanging):
    list_display = ["event", "webhook", "recipient", "state", "attempts", "next_try_at", "created_at"]
    list_select_related = ["event", "webhook", "recipient"]
    list_filter = ["state"]
    show_full_result_count = False
