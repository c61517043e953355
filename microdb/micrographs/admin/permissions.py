"""What may not be done to rows from the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

TRASH_FILTER = ("trashed_at", admin.EmptyFieldListFilter)


class NoDelete(admin.ModelAdmin):
    """Trash is undoable, deletion is not."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(NoDelete):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
