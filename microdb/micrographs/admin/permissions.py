"""Whose rows somebody finds in the admin, by which dataset, and what may not be done to them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from microdb.accounts.models import User
from microdb.admin_lists import BoundedAdmin
from microdb.micrographs.models import Dataset, DatasetQuerySet, Role, withheld_keys

TRASH_FILTER = ("trashed_at", admin.EmptyFieldListFilter)


def reached_datasets(request: HttpRequest, role: str = Role.CURATOR) -> DatasetQuerySet:
    """Those whose rows somebody finds: all for superusers, also in the trash."""
    if isinstance(request.user, User) and request.user.is_superuser:
        return Dataset.objects.all()
    return Dataset.objects.visible_to(request.user, role)


class DatasetFilter(admin.RelatedFieldListFilter):
    """By dataset; Django's own filter looks at every row to find the datasets that there are."""

    def field_choices(
        self,
        field: Any,
        request: HttpRequest,
        model_admin: admin.ModelAdmin,  # type: ignore[type-arg] # generic in the stubs alone
    ) -> Any:
        return [(dataset.pk, str(dataset)) for dataset in reached_datasets(request).only("name")]


DATASET_FILTER = ("dataset", DatasetFilter)


class NoDelete(BoundedAdmin):
    """Trash is undoable, deletion is not. Superusers find every dataset's rows, other staff those that they curate."""

    dataset_field = "dataset"
    """The path from a row to its dataset."""
    micrograph_fields: tuple[str, ...] = ()
    """The paths from a row to its micrographs; rows of one that is withheld are not found, by superusers neither."""
    least_role = Role.CURATOR

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        withheld = withheld_keys(request.user) if self.micrograph_fields else set()
        for path in self.micrograph_fields if withheld else ():
            found = found.exclude(**{f"{path}__in": withheld})
        if isinstance(request.user, User) and request.user.is_superuser:
            return found
        return found.filter(**{f"{self.dataset_field}__in": reached_datasets(request, self.least_role)})

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
