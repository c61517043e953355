"""The history of a micrograph, and the reverting of one of its changes."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.idempotency import idempotent, remembered
from microdb.micrographs import services
from microdb.micrographs.access import OF_LABELLERS, dataset_or_404
from microdb.micrographs.api.serializers import MicrographDetailSerializer
from microdb.micrographs.api.views import MicrographView, user_of
from microdb.micrographs.models import Change, Role


class ChangeSerializer(serializers.ModelSerializer[Change]):
    """Who changed what of a micrograph, and when; values are written as text, empty for none."""

    by = serializers.CharField(source="by.username", default="", help_text="Empty where the site itself did it.")

    class Meta:
        model = Change
        fields = ["id", "field", "old", "new", "scale_source", "by", "at"]
        read_only_fields = fields


class ChangeList(MicrographView, generics.ListAPIView[Change]):
    """What was changed of a micrograph, the latest first."""

    serializer_class = ChangeSerializer

    @extend_schema(operation_id="datasets_micrographs_changes_list")
    def get(self, request: Request, slug: str, pk: UUID) -> Response:
        return self.list(request)

    def get_queryset(self) -> QuerySet[Change]:
        return self.found(self.kwargs["slug"], self.kwargs["pk"]).changes.select_related("by")


class ChangeRevert(MicrographView):
    @extend_schema(request=None, responses=MicrographDetailSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Put back what one change replaced; the micrograph as it is then. The change stays in the history."""
        dataset = dataset_or_404(request, slug, Role.LABELLER)
        changes = Change.objects.select_related("micrograph__dataset").filter(micrograph__in=dataset.shown())
        change = get_object_or_404(changes, pk=pk)
        if change.field not in OF_LABELLERS:
            dataset_or_404(request, slug, Role.CURATOR)
        services.revert_change(change=change, by=user_of(request))
        return remembered(request, self.answer(slug, change.micrograph_id))
