"""Similar micrographs under ``/api/v1/``."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import StrictSerializer
from microdb.micrographs.access import dataset_or_404, shown_or_404
from microdb.micrographs.api.serializers import MicrographSerializer
from microdb.scoring.api.requests import TrueByDefault
from microdb.scoring.models import Score
from microdb.similar.search import Options, Results, Similar, State, results_for
from microdb.training.models import ModelVersion
from microdb.training.services import scoring_version

MOST, USUAL = 50, 5


class SimilarQuerySerializer(StrictSerializer):
    specimens = serializers.ChoiceField(
        choices=["other", "any"], default="other", help_text="other: without micrographs of its own specimen."
    )
    scale = serializers.ChoiceField(
        choices=["near", "any"], default="near", help_text="near: within a factor of 2 of its pixels per micrometre."
    )
    trained_on = serializers.BooleanField(
        default=False, help_text="Only micrographs that the model version was trained on."
    )
    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=USUAL)

    def options(self) -> Options:
        given = self.validated_data
        return Options(given["specimens"] == "other", given["scale"] == "near", given["trained_on"], given["limit"])


class ScoreSimilarQuerySerializer(SimilarQuerySerializer):
    trained_on = TrueByDefault(default=True, help_text="Only micrographs that the model version was trained on.")


class SimilarSerializer(serializers.Serializer[Similar]):
    """A similar micrograph."""

    distance = serializers.FloatField(help_text="Between the descriptors; comparable within a model version only.")
    micrograph = MicrographSerializer()


class ResultsSerializer(serializers.Serializer[dict[str, Any]]):
    """The nearest first; empty unless the state is found."""

    model_version = serializers.IntegerField()
    state = serializers.ChoiceField(
        choices=State.choices,
        help_text="waiting: a worker has not described the micrograph yet, ask again. "
        "impossible: its file can't be used, or it has no scale.",
    )
    incomplete = serializers.BooleanField(
        source="left", help_text="Whether more micrographs of the dataset are being described."
    )
    results = SimilarSerializer(many=True, source="similar")


EXAMPLE = OpenApiExample(
    "Waiting", value={"model_version": 3, "state": "waiting", "incomplete": True, "results": []}, response_only=True
)


class MicrographSimilar(APIView):
    get_parameters = SimilarQuerySerializer().fields

    @extend_schema(parameters=[SimilarQuerySerializer], responses=ResultsSerializer, examples=[EXAMPLE])
    def get(self, request: Request, slug: str, pk: UUID) -> Response:
        """The micrographs that look most like this one to the active model version.

        Also of a file that was sent only to be scored: to search by a file, send it as a batch.
        """
        dataset = dataset_or_404(request, slug)
        micrograph = shown_or_404(request, dataset.micrographs.stored().select_related("dataset"), pk)
        options = _options(SimilarQuerySerializer, request)
        version = scoring_version(dataset=dataset)
        return _answer(request, version, results_for(version, micrograph, dataset, options))


class ScoreSimilar(APIView):
    get_parameters = ScoreSimilarQuerySerializer().fields

    @extend_schema(parameters=[ScoreSimilarQuerySerializer], responses=ResultsSerializer, examples=[EXAMPLE])
    def get(self, request: Request, pk: UUID) -> Response:
        """The training micrographs that look most like the scored one to the model version that scored it."""
        score = get_object_or_404(Score.objects.visible_to(request.user).with_page_rows(), pk=pk)
        dataset = dataset_or_404(request, score.model_version.dataset.slug)
        options = _options(ScoreSimilarQuerySerializer, request)
        version = score.model_version
        return _answer(request, version, results_for(version, score.micrograph, dataset, options))


def _options(serializer: type[SimilarQuerySerializer], request: Request) -> Options:
    query = serializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    return query.options()


def _answer(request: Request, version: ModelVersion, found: Results) -> Response:
    context: dict[str, Any] = {"request": request}
    shown = {"model_version": version.number, "state": found.state, "left": found.left, "similar": found.similar}
    return Response(ResultsSerializer(shown, context=context).data)
