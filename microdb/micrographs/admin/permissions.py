"""Whose rows somebody finds in the admin, and what may not be done to them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from microdb.accounts.models import User
from microdb.micrographs.models import Dataset, Role, withheld_from

TRASH_FILTER = ("trashed_at", admin.EmptyFieldListFilter)


class NoDelete(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    """Trash is undoable, deletion is not. Superusers find every dataset's rows, other staff those that they curate."""

    dataset_field = "dataset"
    """The path from a row to its dataset."""
    micrograph_fields: tuple[str, ...] = ()
    """The paths from a row to its micrographs; rows of one that is withheld are not found, by superusers neither."""
    least_role = Role.CURATOR

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        for path in self.micrograph_fields:
            found = found.filter(~withheld_from(request.user, path))
        if isinstance(request.user, User) and request.user.is_superuser:
            return found
        return found.filter(**{f"{self.dataset_field}__in": Dataset.objects.visible_to(request.user, self.least_role)})

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def curates(request: HttpRequest) -> bool:
    return Dataset.objects.visible_to(request.user, Role.CURATOR).exists()


class ByRole(NoDelete):
    """Staff who curate a dataset see its rows by that role, without any of Django's own permissions."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or curates(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or curates(request)


class ReadOnly(ByRole):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
