"""The trash of a dataset: what is in it, many micrographs into it, and out of it."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.parsers import LongJSONParser
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.filters import MicrographFilter, filter_parameters
from microdb.micrographs.api.keys import MicrographKeys, chosen_micrographs
from microdb.micrographs.api.serializers import MicrographSerializer
from microdb.micrographs.api.views import RELATED, user_of
from microdb.micrographs.curation.dependants import dependants_sentence
from microdb.micrographs.models import Micrograph, Role


class TrashedSerializer(MicrographSerializer):
    """A micrograph in the trash; it is deleted 30 days after ``trashed_at``, unless something needs it."""

    class Meta(MicrographSerializer.Meta):
        fields = [*MicrographSerializer.Meta.fields, "trashed_at"]
        read_only_fields = fields


class ChosenSerializer(StrictSerializer):
    """Micrographs; without them, the filters of the address choose."""

    micrographs = MicrographKeys(required=False)


class ToRestoreSerializer(StrictSerializer):
    micrographs = MicrographKeys()


class TrashDoneSerializer(serializers.Serializer[Any]):
    micrographs = serializers.IntegerField(help_text="How many were moved.")
    note = serializers.CharField(help_text="What else rests on them, in words; empty where nothing does.")


class TrashList(generics.ListAPIView[Micrograph]):
    """What is in the trash, the latest first."""

    queryset = Micrograph.objects.none()
    serializer_class = TrashedSerializer
    write_scope = "curate"
    post_parameters = set(MicrographFilter.base_filters)
    parser_classes = [LongJSONParser]

    def get_queryset(self) -> QuerySet[Micrograph]:
        dataset = dataset_or_404(self.request, self.kwargs["slug"], Role.CURATOR)
        return dataset.shown().exclude(trashed_at=None).select_related(*RELATED).order_by("-trashed_at", "id")

    @extend_schema(
        request=ChosenSerializer, responses=TrashDoneSerializer, parameters=filter_parameters(MicrographFilter)
    )
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Move many micrographs to the trash, where they stay for 30 days."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        given = ChosenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        keys = given.validated_data.get("micrographs")
        found = chosen_micrographs(dataset.shown().stored(), keys, dataset=dataset, request=request)
        chosen = list(found.values_list("pk", flat=True))
        rows = Micrograph.objects.filter(pk__in=chosen)
        count = services.trash_micrographs(micrographs=rows, by=user_of(request))
        return remembered(request, Response({"micrographs": count, "note": dependants_sentence(rows)}))


class TrashRestore(APIView):
    parser_classes = [LongJSONParser]

    @extend_schema(request=ToRestoreSerializer, responses=TrashDoneSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Take micrographs out of the trash: all of them, or none."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        given = ToRestoreSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        trashed = dataset.shown().exclude(trashed_at=None)
        keys = given.validated_data["micrographs"]
        chosen = chosen_micrographs(trashed, keys, dataset=dataset, request=request)
        count = services.restore_micrographs(micrographs=list(chosen), by=user_of(request))
        return remembered(request, Response({"micrographs": count, "note": ""}))
