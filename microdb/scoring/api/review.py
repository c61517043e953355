"""What a batch got right, as JSON and as a PDF."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.errors import MicroDBError
from microdb.micrographs.api.files import AnyAccept
from microdb.micrographs.models import Dataset
from microdb.scoring.api.lookups import visible_batch
from microdb.scoring.batch_pdf import batch_pdf
from microdb.scoring.batch_review import STANDINGS, review
from microdb.scoring.models import Batch
from microdb.training.api.intervals import IntervalSerializer


class ShareSerializer(serializers.Serializer[Any]):
    right = serializers.IntegerField()
    count = serializers.IntegerField()
    share = serializers.FloatField()
    interval = IntervalSerializer(help_text="At 95 %; micrographs of one specimen are taken for alike.")


class ClassShareSerializer(ShareSerializer):
    label = serializers.CharField()  # type: ignore[assignment] # a serializer's own label is not used


class BatchReviewSerializer(serializers.Serializer[Any]):
    """The accuracy of a batch on the labelled micrographs that its version was not trained on."""

    counts = serializers.DictField(child=serializers.IntegerField(), help_text=f"Files by {', '.join(STANDINGS)}.")
    accuracy = ShareSerializer(allow_null=True, help_text="Null without such a micrograph.")
    classes = ClassShareSerializer(many=True, help_text="The recall of each label.")
    trained_on = serializers.IntegerField(help_text="Labelled micrographs of the training, which are left out.")
    known_specimens = serializers.IntegerField(
        help_text="Those counted whose specimen was in the training, which flatters the accuracy."
    )


class BatchReviewed(APIView):
    @extend_schema(responses=BatchReviewSerializer)
    def get(self, request: Request, slug: str, pk: UUID) -> Response:
        """What a batch that has ended got right where its micrographs have labels."""
        batch, dataset = _batch(request, slug, pk)
        if batch.waiting or batch.is_open:  # type: ignore[attr-defined] # with_counts
            raise MicroDBError("The batch has not ended yet. Ask again when it has.", code="not_ended")
        found = review(batch, dataset)
        classes = [{"label": label, **vars(share), "share": share.share} for label, share in found.classes.items()]
        counts = {"counts": found.counts, "accuracy": found.accuracy, "classes": classes}
        about = {"trained_on": found.trained_on, "known_specimens": found.known_specimens}
        return Response(BatchReviewSerializer(counts | about).data)


class BatchPdf(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str, pk: UUID) -> HttpResponse:
        """The accuracy, and the first micrographs with their predictions, errors first, as a PDF."""
        batch, dataset = _batch(request, slug, pk)
        response = HttpResponse(batch_pdf(batch, dataset), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{slug}-batch.pdf"'
        return response


def _batch(request: Request, slug: str, pk: UUID) -> tuple[Batch, Dataset]:
    batch = visible_batch(request, slug, pk)
    dataset = batch.model_version.dataset
    dataset.viewer = request.user
    return batch, dataset
