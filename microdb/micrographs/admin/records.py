"""Records that cannot be changed: history, near-duplicates, frozen versions and readings."""

from django.contrib import admin

from microdb.micrographs.admin.permissions import ReadOnly
from microdb.micrographs.models import Change, DatasetVersion, NearDuplicate, Reading, Specimen


@admin.register(Change)
class ChangeAdmin(ReadOnly):
    dataset_field, micrograph_fields = "micrograph__dataset", ("micrograph",)
    list_display = ["at", "by", "micrograph", "field", "old", "new", "scale_source"]
    list_filter = ["field", "scale_source", "at"]
    list_select_related = ["micrograph", "by"]
    show_full_result_count = False
    search_fields = ["micrograph__filename", "by__username"]


@admin.register(Specimen)
class SpecimenAdmin(ReadOnly):
    """What is known of specimens; it is changed on their pages, which keep the history."""

    list_display = ["name", "dataset", "material", "composition_text", "treatment_text", "heat_number"]
    list_filter = [("dataset", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["dataset"]
    search_fields = ["name", "material", "heat_number", "notes"]
    show_full_result_count = False


@admin.register(NearDuplicate)
class NearDuplicateAdmin(ReadOnly):
    dataset_field, micrograph_fields = "first__dataset", ("first", "second")
    list_display = ["first", "second", "kind", "differing_bits", "dismissed_by", "dismissed_at"]
    list_filter = ["kind", ("dismissed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["first", "second", "dismissed_by"]
    show_full_result_count = False


@admin.register(DatasetVersion)
class DatasetVersionAdmin(ReadOnly):
    list_display = ["dataset", "number", "sha256", "created_at"]
    list_filter = [("dataset", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["dataset"]


@admin.register(Reading)
class ReadingAdmin(ReadOnly):
    """The jobs that read masters; only workers write these rows."""

    dataset_field, micrograph_fields = "micrograph__dataset", ("micrograph",)
    list_display = ["micrograph", "state", "deliveries", "enqueued_at", "error", "error_id"]
    list_filter = ["state"]
    list_select_related = ["micrograph"]
    search_fields = ["micrograph__filename", "error", "error_id"]
    show_full_result_count = False
