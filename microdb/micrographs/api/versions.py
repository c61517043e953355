"""Frozen versions of a dataset: freeze, list, read, compare."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.views import user_of
from microdb.micrographs.curation.version_comparison import compare_versions
from microdb.micrographs.models import Dataset, DatasetVersion, DatasetVersionEntry, Role

LARGEST_NUMBER = 2**31 - 1


class DatasetVersionSerializer(serializers.ModelSerializer[DatasetVersion]):
    """A dataset as it was at one moment."""

    created_by = serializers.CharField(source="created_by.username", default="", help_text="Empty: a training.")
    micrographs = serializers.IntegerField(source="size", read_only=True)
    model_versions = serializers.SerializerMethodField(help_text="Numbers of those that were trained on it.")

    class Meta:
        model = DatasetVersion
        fields = ["number", "sha256", "note", "created_by", "created_at", "micrographs", "model_versions"]
        read_only_fields = fields

    def get_model_versions(self, version: Any) -> list[int]:
        return sorted(one.number for one in version.model_versions.all())


class VersionEntrySerializer(serializers.ModelSerializer[DatasetVersionEntry]):
    """A micrograph as the version saw it."""

    filename = serializers.CharField(source="micrograph.filename", read_only=True)
    label = serializers.CharField(read_only=True)  # type: ignore[assignment] # a serializer's own label is not used
    masked = serializers.ListField(child=serializers.DictField(child=serializers.IntegerField()), read_only=True)

    class Meta:
        model = DatasetVersionEntry
        fields = [
            "micrograph",
            "filename",
            "label",
            "pixels_per_micrometre",
            "specimen",
            "split",
            "data_bar_top",
            "masked",
        ]
        read_only_fields = fields


class FreezeSerializer(StrictSerializer):
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=200, default="", help_text="What it is for."
    )


class CompareSerializer(serializers.Serializer[Any]):
    before = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER, help_text="The number of a version.")
    after = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER)


class DifferenceSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class ChangedEntrySerializer(serializers.Serializer[Any]):
    micrograph = serializers.UUIDField(source="entry.micrograph_id")
    filename = serializers.CharField(source="entry.micrograph.filename")
    differences = serializers.SerializerMethodField()

    @extend_schema_field(DifferenceSerializer(many=True))
    def get_differences(self, changed: Any) -> list[dict[str, str]]:
        return [{"field": field, "before": old, "after": new} for field, old, new in changed.differences]


class VersionComparisonSerializer(serializers.Serializer[Any]):
    """How the later version differs: all are counted, at most 200 of each kind are listed."""

    added_count = serializers.IntegerField()
    removed_count = serializers.IntegerField()
    changed_count = serializers.IntegerField()
    same_count = serializers.IntegerField()
    added = VersionEntrySerializer(many=True)
    removed = VersionEntrySerializer(many=True)
    changed = ChangedEntrySerializer(many=True)


class DatasetVersionList(generics.ListAPIView[DatasetVersion]):
    """The frozen versions of a dataset, the latest first."""

    queryset = DatasetVersion.objects.none()
    serializer_class = DatasetVersionSerializer

    def get_queryset(self) -> QuerySet[DatasetVersion]:
        return _versions(dataset_or_404(self.request, self.kwargs["slug"])).order_by("-number")

    @extend_schema(request=FreezeSerializer, responses={201: DatasetVersionSerializer, 200: DatasetVersionSerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Freeze the dataset as it is now: 201, or 200 and the last version if nothing has changed since."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        given = FreezeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        last = dataset.versions.first()
        made = services.freeze_dataset(dataset=dataset, by=user_of(request), note=given.validated_data["note"])
        shown = self.get_serializer(_versions(dataset).get(pk=made.pk)).data
        return remembered(
            request, Response(shown, status=status.HTTP_200_OK if made == last else status.HTTP_201_CREATED)
        )


class DatasetVersionDetail(generics.RetrieveAPIView[DatasetVersion]):
    """One frozen version."""

    queryset = DatasetVersion.objects.none()
    serializer_class = DatasetVersionSerializer

    @extend_schema(operation_id="datasets_versions_retrieve")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_object(self) -> DatasetVersion:
        return get_object_or_404(
            _versions(dataset_or_404(self.request, self.kwargs["slug"])), number=self.kwargs["number"]
        )


class DatasetVersionEntries(generics.ListAPIView[DatasetVersionEntry]):
    """The micrographs of a frozen version, as it saw them."""

    queryset = DatasetVersionEntry.objects.none()
    serializer_class = VersionEntrySerializer

    def get_queryset(self) -> QuerySet[DatasetVersionEntry]:
        dataset = dataset_or_404(self.request, self.kwargs["slug"])
        version = get_object_or_404(dataset.versions, number=self.kwargs["number"])
        return version.entries.exclude(micrograph__in=dataset.withheld).select_related("micrograph").order_by("pk")


class DatasetVersionCompare(APIView):
    get_parameters = CompareSerializer().fields

    @extend_schema(parameters=[CompareSerializer], responses=VersionComparisonSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """What differs in version `after` from version `before`."""
        dataset = dataset_or_404(request, slug)
        given = CompareSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        found = [get_object_or_404(dataset.versions, number=given.validated_data[name]) for name in ("before", "after")]
        for version in found:
            version.dataset = dataset  # which knows who looks
        return Response(VersionComparisonSerializer(compare_versions(*found)).data)


def _versions(dataset: Dataset) -> QuerySet[DatasetVersion]:
    return dataset.versions.select_related("created_by").prefetch_related("model_versions")
