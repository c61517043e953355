"""The audit log under ``/api/v1/``: of a dataset for its owners, of the whole site for staff."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import generics, pagination, serializers
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request

from microdb.accounts.api import LARGEST_PAGE, page_size
from microdb.accounts.authentication import HasScope
from microdb.accounts.parameters import KnownParameters
from microdb.audit_log.export import entry_row
from microdb.audit_log.masking import Mask
from microdb.audit_log.models import ActorKind, Entry, EntryQuerySet
from microdb.audit_log.verbs import Kind
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Role

ENTRIES = 100
"""Of one page."""


class EntryPagination(pagination.CursorPagination):
    """By cursor: a page stays the same while entries are added."""

    page_size = ENTRIES
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE
    ordering = ("-timestamp", "-id")

    def get_page_size(self, request: Request) -> int:
        return page_size(request, default=ENTRIES)


class EntrySerializer(serializers.Serializer[Entry]):
    """One entry; ``sentence`` tells it in words."""

    id = serializers.IntegerField()
    time = serializers.DateTimeField()
    actor_kind = serializers.ChoiceField(choices=ActorKind.choices)
    actor = serializers.CharField(help_text="The user name, the command or the worker's task.")
    token = serializers.CharField(help_text="The beginning of the API token that was used.")
    address = serializers.CharField(allow_null=True)
    request = serializers.CharField(help_text="Equal for entries of one request.")
    verb = serializers.CharField()
    dataset = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.CharField()
    object = serializers.CharField(help_text="Its name at that time.")
    number = serializers.IntegerField(help_text="How many objects this was done to.")
    changes = serializers.DictField(help_text="By field: the value before and the value after.")
    details = serializers.DictField()
    sentence = serializers.CharField()

    def to_representation(self, instance: Entry) -> dict[str, Any]:
        mask: Mask = self.context["mask"]
        return entry_row(mask(instance))


class EntryFilter(django_filters.FilterSet):  # type: ignore[misc] # django-filter has no types
    actor = django_filters.CharFilter(field_name="actor_name", help_text="A user name.")
    kind = django_filters.ChoiceFilter(choices=Kind.choices, method="by_kind", help_text="The verb before its dot.")
    verb = django_filters.CharFilter()
    since = django_filters.IsoDateTimeFilter(field_name="timestamp", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="timestamp", lookup_expr="lt")

    class Meta:
        model = Entry
        fields: list[str] = []

    def by_kind(self, entries: EntryQuerySet, name: str, value: str) -> EntryQuerySet:
        return entries.of_kind(value)


class SiteLog(generics.ListAPIView[Entry]):
    """Who did what on the site, the latest first; for staff."""

    queryset = Entry.objects.none()
    serializer_class = EntrySerializer
    pagination_class = EntryPagination
    filter_backends = [DjangoFilterBackend]
    get_parameters = {"cursor"}
    filterset_class = EntryFilter
    permission_classes = [HasScope, IsAdminUser, KnownParameters]

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "mask": Mask(self.request.user)}

    def get_queryset(self) -> QuerySet[Entry]:
        entries: QuerySet[Entry] = Entry.objects.select_related("content_type")
        return entries


class DatasetLog(SiteLog):
    """Who did what in the dataset, the latest first; for its owners."""

    permission_classes = [HasScope, KnownParameters]

    @extend_schema(operation_id="datasets_log_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Entry]:
        dataset = dataset_or_404(self.request, self.kwargs["slug"], Role.OWNER)
        return super().get_queryset().filter(dataset_id=dataset.pk)
