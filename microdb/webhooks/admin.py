"""Webhooks and their deliveries in the admin, to read and to delete."""

from django.contrib import admin
from django.http import HttpRequest

from microdb.admin_lists import BoundedAdmin
from microdb.webhooks.models import Delivery, Webhook


class Unchanging(BoundedAdmin):
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
    sortable_by = ()
