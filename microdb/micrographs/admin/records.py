"""Records that cannot be changed: history, near-duplicates, frozen versions and readings."""

from django.contrib import admin

from microdb.micrographs.admin.permissions import DATASET_FILTER, ReadOnly
from microdb.micrographs.models import Change, DatasetVersion, NearDuplicate, Reading, Specimen


@admin.register(Change)
class ChangeAdmin(ReadOnly):
    dataset_field, micrograph_fields = "micrograph__dataset", ("micrograph",)
    list_display = ["at", "by", "micrograph", "field", "old", "new", "scale_source"]
    list_filter = ["field", "scale_source", "at"]
    list_select_related = ["micrograph", "by"]
    sortable_by = ["at"]
    search_fields = ["micrograph__filename__icontains", "by__username__icontains"]


@admin.register(Specimen)
class SpecimenAdmin(ReadOnly):
    """What is known of specimens; it is changed on their pages, which keep the history."""

    list_display = ["name", "dataset", "material", "composition_text", "treatment_text", "heat_number"]
    list_filter = [DATASET_FILTER]
    list_select_related = ["dataset"]
    sortable_by = ["name"]
    search_fields = ["name__icontains", "material__icontains", "heat_number__icontains", "notes__icontains"]


@admin.register(NearDuplicate)
class NearDuplicateAdmin(ReadOnly):
    dataset_field, micrograph_fields = "first__dataset", ("first", "second")
    list_display = ["first", "second", "kind", "differing_bits", "dismissed_by", "dismissed_at"]
    list_filter = ["kind", ("dismissed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["first", "second", "dismissed_by"]
    sortable_by = ["kind"]


@admin.register(DatasetVersion)
class DatasetVersionAdmin(ReadOnly):
    list_display = ["dataset", "number", "sha256", "created_at"]
    list_filter = [DATASET_FILTER]
    list_select_related = ["dataset"]


@admin.register(Reading)
class ReadingAdmin(ReadOnly):
    """The jobs that read masters; only workers write these rows."""

    dataset_field, micrograph_fields = "micrograph__dataset", ("micrograph",)
    list_display = ["micrograph", "state", "deliveries", "enqueued_at", "error", "error_id"]
    list_filter = ["state"]
    list_select_related = ["micrograph"]
    search_fields = ["micrograph__filename__icontains", "error__icontains", "error_id__exact"]
    ordering = ["-enqueued_at"]
    sortable_by = ["enqueued_at"]
