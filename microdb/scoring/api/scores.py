"""The addresses under ``/api/v1/`` for scores: list, ask for one, read, cancel."""

from typing import Any, cast
from uuid import UUID

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import LARGEST_PAGE, StrictSerializer, page_size
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.jobs import Job
from microdb.micrographs.access import dataset_or_404, shown_or_404
from microdb.micrographs.api.files import AnyAccept
from microdb.micrographs.models import Role, ScaleSource
from microdb.micrographs.services import set_scale
from microdb.scale_bounds import HIGHEST_SCALE, LOWEST_SCALE
from microdb.scoring.api.requests import LARGEST_NUMBER
from microdb.scoring.api.serializers import ScoreSerializer
from microdb.scoring.models import Score
from microdb.scoring.services import cancel_score, request_score
from microdb.scoring.tasks import enqueue_score
from microdb.stored_files import open_stored
from microdb.training.services import scoring_version

RELATED = ("model_version__dataset_version", "micrograph")


class ScorePagination(CursorPagination):
    """By cursor: the last of a million scores is as near as the first, and a page stays while others are added."""

    ordering = ("-created_at", "-pk")
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE

    def get_page_size(self, request: Request) -> int:
        return page_size(request)


class ScoreFilter(django_filters.FilterSet):  # type: ignore[misc] # django-filter has no types
    predicted = django_filters.CharFilter(help_text="A class name or none-of-these.")
    state = django_filters.ChoiceFilter(choices=Job.State.choices)
    model_version = django_filters.NumberFilter(
        field_name="model_version__number", min_value=1, max_value=LARGEST_NUMBER, help_text="Its number."
    )
    micrograph = django_filters.UUIDFilter()

    class Meta:
        model = Score
        fields: list[str] = []


class ScoreRequestSerializer(StrictSerializer):
    """A stored micrograph to score at once, before all batches."""

    micrograph = serializers.UUIDField()
    model_version = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_NUMBER, help_text="Its number; default: the active one."
    )
    pixels_per_micrometre = serializers.FloatField(
        required=False,
        min_value=LOWEST_SCALE,
        max_value=HIGHEST_SCALE,
        help_text="Becomes the scale of the micrograph.",
    )


class ScoreList(generics.ListAPIView[Score]):
    """The scores of a dataset, the latest first."""

    queryset = Score.objects.none()
    serializer_class = ScoreSerializer
    pagination_class = ScorePagination
    filter_backends = [DjangoFilterBackend]
    filterset_class = ScoreFilter
    get_parameters = {"cursor"}
    write_scope = "score"

    def get_queryset(self) -> QuerySet[Score]:
        dataset = dataset_or_404(self.request, self.kwargs["slug"])
        shown = Score.objects.shown_to(self.request.user).with_page_rows()
        return shown.filter(model_version__dataset=dataset).select_related(*RELATED)

    @extend_schema(request=ScoreRequestSerializer, responses={202: ScoreSerializer, 200: ScoreSerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Score a stored micrograph; a verdict under the same conditions is answered again."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        given = ScoreRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values, by = given.validated_data, cast(User, request.user)
        stored = dataset.micrographs.stored().select_related("dataset", "material_class")
        micrograph = shown_or_404(request, stored, values["micrograph"])
        version = scoring_version(dataset=dataset, number=values.get("model_version"))
        if (scale := values.get("pixels_per_micrometre")) is not None:
            set_scale(micrographs=[micrograph], pixels_per_micrometre=scale, source=ScaleSource.BY_HAND, by=by)
            micrograph.refresh_from_db()
        score = request_score(model_version=version, micrograph=micrograph)
        enqueue_score(score)
        shown = self.get_serializer(_score(request, score.pk)).data
        return remembered(request, Response(shown, status=status.HTTP_202_ACCEPTED))


class ScoreDetail(generics.RetrieveAPIView[Score]):
    """One score with its probabilities, its uncertainty and its warnings."""

    queryset = Score.objects.all()
    serializer_class = ScoreSerializer

    def get_object(self) -> Score:
        return _score(self.request, self.kwargs["pk"])


class ScoreSaliency(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> FileResponse:
        """The saliency map, a PNG to lay over the micrograph: the class of each part, dark for none of these."""
        score = _score(request, pk)
        if not score.saliency:
            raise Http404("This score has no saliency map: it is not done.")
        return FileResponse(open_stored(score.saliency, name=_("The saliency map")), content_type="image/png")


class ScorePlanes(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> FileResponse:
        """The probabilities of the saliency map, a gray PNG: a plane per class in the dataset's order, then one for
        none-of-these, each below the one before; 255 is certainty. All planes are 0 in masked rectangles.
        """
        score = _score(request, pk)
        if not score.planes:
            raise Http404("This score has no map of probabilities: it is not done, or an older release made it.")
        return FileResponse(open_stored(score.planes, name=_("The saliency map")), content_type="image/png")


class ScoreCancel(generics.GenericAPIView[Score]):
    queryset = Score.objects.all()
    serializer_class = ScoreSerializer
    write_scope = "score"

    @extend_schema(request=None, responses=ScoreSerializer)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Cancel a score; one that has ended stays as it is."""
        score = _score(request, pk)
        dataset_or_404(request, score.model_version.dataset.slug, Role.CURATOR)
        cancel_score(score=score)
        return Response(self.get_serializer(_score(request, pk)).data)


def _score(request: Request, pk: Any) -> Score:
    rows = Score.objects.visible_to(request.user).with_page_rows()
    return get_object_or_404(rows.select_related(*RELATED), pk=pk)
