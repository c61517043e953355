"""Near-duplicates: pairs with the same pixels or nearly the same picture."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.idempotency import idempotent, remembered
from microdb.micrographs.access import dataset_or_404, shown_or_404
from microdb.micrographs.api.keys import micrograph_key
from microdb.micrographs.api.views import user_of
from microdb.micrographs.gallery.near_duplicates import near_duplicates
from microdb.micrographs.models import NearDuplicate, Role
from microdb.micrographs.services.near_duplicates import dismiss_near_duplicate


class NearDuplicateSerializer(serializers.ModelSerializer[NearDuplicate]):
    """Two micrographs that look alike, unless somebody has said that they differ."""

    first_filename = serializers.CharField(source="first.filename", read_only=True)
    second_filename = serializers.CharField(source="second.filename", read_only=True)

    class Meta:
        model = NearDuplicate
        fields = [
            "id",
            "kind",
            "differing_bits",
            "first",
            "first_filename",
            "second",
            "second_filename",
            "dismissed_at",
        ]
        read_only_fields = fields


class NearDuplicateList(generics.ListAPIView[NearDuplicate]):
    """The near-duplicates of a dataset, the surest first."""

    queryset = NearDuplicate.objects.none()
    serializer_class = NearDuplicateSerializer
    get_parameters = {"micrograph"}

    @extend_schema(parameters=[OpenApiParameter("micrograph", {"type": "string", "format": "uuid"})])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[NearDuplicate]:
        dataset = dataset_or_404(self.request, self.kwargs["slug"])
        key = micrograph_key(self.request)
        one = None if key is None else shown_or_404(self.request, dataset.micrographs.stored(), key)
        return near_duplicates(dataset, of=one)


class NearDuplicateDismiss(generics.GenericAPIView[NearDuplicate]):
    queryset = NearDuplicate.objects.none()
    serializer_class = NearDuplicateSerializer

    @extend_schema(request=None, responses=NearDuplicateSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Say that the two are different micrographs; they give no more warnings."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        seen = NearDuplicate.objects.filter(first__in=dataset.shown(), second__in=dataset.shown())
        pair = get_object_or_404(seen.select_related("first__dataset", "second"), pk=pk)
        dismiss_near_duplicate(pair=pair, by=user_of(request))
        pair.refresh_from_db(fields=["dismissed_at"])
        return remembered(request, Response(self.get_serializer(pair).data))
