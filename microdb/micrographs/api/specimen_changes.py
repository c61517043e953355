"""The history of the specimens' records, and the reverting of changes."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.views import user_of
from microdb.micrographs.models import Role, SpecimenChange
from microdb.micrographs.validation.specimens import changes_sentence

LARGEST_KEY = 2**63 - 1
MOST_CHANGES = 10_000


class SpecimenChangeRowSerializer(serializers.ModelSerializer[SpecimenChange]):
    """Who changed what of a specimen's record, and when."""

    specimen = serializers.CharField(source="specimen.name", read_only=True)
    by = serializers.CharField(source="by.username", default="", help_text="Empty where the site itself did it.")
    before = serializers.DictField(read_only=True)
    after = serializers.DictField(read_only=True)
    sentence = serializers.SerializerMethodField()

    class Meta:
        model = SpecimenChange
        fields = ["id", "specimen", "before", "after", "sentence", "by", "at"]
        read_only_fields = fields

    def get_sentence(self, change: SpecimenChange) -> str:
        return changes_sentence(change.before, change.after)


class RevertSerializer(StrictSerializer):
    changes = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_KEY),
        allow_empty=False,
        max_length=MOST_CHANGES,
        help_text="Ids of changes.",
    )


class RevertedSerializer(serializers.Serializer[Any]):
    specimens = serializers.IntegerField(help_text="How many are as before.")


class SpecimenChangeList(generics.ListAPIView[SpecimenChange]):
    """What was changed of the specimens' records, the latest first."""

    queryset = SpecimenChange.objects.none()
    serializer_class = SpecimenChangeRowSerializer
    get_parameters = {"specimen"}

    @extend_schema(parameters=[OpenApiParameter("specimen", str, description="Only of the one with this name.")])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[SpecimenChange]:
        dataset = dataset_or_404(self.request, self.kwargs["slug"])
        changes = SpecimenChange.objects.filter(specimen__dataset=dataset).select_related("specimen", "by")
        name = self.request.query_params.get("specimen", "").replace("\x00", "")
        return changes.filter(specimen__name=name) if name else changes


class SpecimenChangeRevert(APIView):
    @extend_schema(request=RevertSerializer, responses=RevertedSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Put back what these changes replaced, the latest first: of all of them, or of none."""
        dataset = dataset_or_404(request, slug, Role.LABELLER)
        given = RevertSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = set(given.validated_data["changes"])
        there = SpecimenChange.objects.filter(specimen__dataset=dataset, pk__in=wanted)
        changes = list(there.select_related("specimen__dataset"))
        if len(changes) < len(wanted):
            raise Http404("The dataset has no such change of a specimen.")
        count = services.revert_specimen_changes(changes=changes, by=user_of(request))
        return remembered(request, Response({"specimens": count}))
