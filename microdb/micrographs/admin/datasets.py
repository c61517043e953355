"""Datasets with their members and classes."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.admin.permissions import TRASH_FILTER, NoDelete
from microdb.micrographs.models import Dataset, MaterialClass, Membership, MicrographCount, Role
from microdb.micrographs.validation.labels import checked_class_name


class MembershipFormSet(BaseInlineFormSet):  # type: ignore[type-arg] # generic in the stubs alone
    """The members of a dataset, of whom one is always an owner."""

    def clean(self) -> None:
        super().clean()
        Dataset.objects.select_for_update().get(pk=self.instance.pk)  # two changes can't each remove an owner
        roles: dict[object, str] = dict(self.instance.memberships.values_list("pk", "role"))
        for form in self.forms:
            if form in self.deleted_forms:
                roles.pop(form.instance.pk, None)
            elif role := form.cleaned_data.get("role"):
                roles[form.instance.pk or form] = role
        if Role.OWNER not in roles.values():
            raise ValidationError(_("A dataset needs an owner. Make somebody else an owner first."))


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg] # generic in the stubs alone
    model = Membership
    formset = MembershipFormSet
    autocomplete_fields = ["user"]
    extra = 0


class MaterialClassFormSet(BaseInlineFormSet):  # type: ignore[type-arg] # generic in the stubs alone
    """The classes of a dataset, held to the same names as on the site's own pages."""

    def clean(self) -> None:
        super().clean()
        names: list[str] = []
        kept = [form for form in self.forms if form.cleaned_data.get("name") and form not in self.deleted_forms]
        for form in sorted(kept, key=lambda form: "name" in form.changed_data):
            if "name" in form.changed_data:
                try:
                    form.instance.name = checked_class_name(form.cleaned_data["name"], others=names)
                except MicroDBError as error:
                    form.add_error("name", error.message)
            names.append(form.instance.name)


class MaterialClassInline(admin.TabularInline):  # type: ignore[type-arg] # generic in the stubs alone
    model = MaterialClass
    formset = MaterialClassFormSet
    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not while micrographs are withheld: the refusal to delete a used class lists its micrographs."""
        return super().has_delete_permission(request, obj) and not (obj and _withholds(obj, request))


def _withholds(dataset: Dataset, request: HttpRequest) -> bool:
    return dataset.micrographs.withheld_from(request.user).exists()


@admin.register(Dataset)
class DatasetAdmin(NoDelete):
    dataset_field, least_role = "pk", Role.OWNER  # members are changed here
    list_display = ["name", "slug", "micrograph_count", "scale_free", "created_by", "created_at", "trashed_at"]
    list_filter = ["scale_free", TRASH_FILTER]
    list_select_related = ["created_by"]
    search_fields = ["name__icontains", "slug__icontains", "description__icontains", "source__icontains"]
    autocomplete_fields = ["created_by"]
    inlines = [MembershipInline, MaterialClassInline]
    actions = ["trash", "restore"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a new dataset needs its owner, whom the site's own page gives it

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dataset]:
        datasets: QuerySet[Dataset] = super().get_queryset(request)
        counted = MicrographCount.objects.filter(dataset=OuterRef("pk")).order_by().values("dataset")
        return datasets.annotate(stored=Coalesce(Subquery(counted.annotate(n=Sum("count")).values("n")), 0))

    @admin.display(description=_("micrographs"), ordering="stored")
    def micrograph_count(self, dataset: Any) -> int:
        return int(dataset.stored)

    @admin.action(description=_("Trash the selected datasets"))
    def trash(self, request: SignedInRequest, datasets: QuerySet[Dataset]) -> None:
        for dataset in datasets:
            services.trash_dataset(dataset=dataset, by=request.user)
            self.message_user(request, _("“%s” is in the trash, for 30 days.") % dataset)

    @admin.action(description=_("Restore the selected datasets"))
    def restore(self, request: SignedInRequest, datasets: QuerySet[Dataset]) -> None:
        for dataset in datasets:
            services.restore_dataset(dataset=dataset, by=request.user)
            self.message_user(request, _("“%s” is out of the trash.") % dataset)
