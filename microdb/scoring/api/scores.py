"""The addresses under ``/api/v1/`` for scores."""

from uuid import UUID

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.views import APIView

from microdb.micrographs.api.files import AnyAccept
from microdb.scoring.api.serializers import ScoreSerializer
from microdb.scoring.models import Score
from microdb.stored_files import open_stored


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


def _score(request: Request, pk: UUID) -> Score:
    rows = Score.objects.visible_to(request.user).with_page_rows()
    return get_object_or_404(rows.select_related("model_version__dataset_version", "micrograph"), pk=pk)
