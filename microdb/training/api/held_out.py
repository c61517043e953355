"""The micrographs behind the numbers of a report, and two versions on those that both held out."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.parameters import PAGING
from microdb.jobs import Job
from microdb.micrographs.access import dataset_or_404
from microdb.training.api.intervals import IntervalSerializer
from microdb.training.comparison import FLIPS, compare_model_versions, flipped
from microdb.training.held_out import ORDERS, OUTCOMES, HeldOutFilter, held_out_answers
from microdb.training.models import ModelVersion, OutOfFold

LARGEST_NUMBER = 2**31 - 1


class HeldOutQuerySerializer(serializers.Serializer[Any]):
    """Which held-out micrographs."""

    label = serializers.CharField(required=False, help_text="In the training.")  # type: ignore[assignment] # a serializer's own label is not used
    predicted = serializers.CharField(required=False)
    outcome = serializers.ChoiceField(OUTCOMES, required=False)
    low = serializers.IntegerField(required=False, min_value=0, max_value=100, help_text="Least probability, per cent.")
    high = serializers.IntegerField(
        required=False, min_value=0, max_value=100, help_text="Below this; 100 is included."
    )
    order = serializers.ChoiceField([one for one in ORDERS if one], required=False, help_text="Most certain first.")


class HeldOutSerializer(serializers.ModelSerializer[OutOfFold]):
    """A micrograph of a specimen that its prediction was made without."""

    filename = serializers.CharField(source="micrograph.filename", read_only=True)
    label = serializers.CharField(read_only=True, help_text="In the training.")  # type: ignore[assignment] # a serializer's own label is not used
    label_now = serializers.CharField(source="micrograph.answer", read_only=True)
    probabilities = serializers.DictField(child=serializers.FloatField(), read_only=True)

    class Meta:
        model = OutOfFold
        fields = ["micrograph", "filename", "label", "label_now", "predicted", "probability", "probabilities"]
        read_only_fields = fields


class FlippedSerializer(HeldOutSerializer):
    predicted_before = serializers.CharField(read_only=True)
    flip = serializers.ChoiceField(list(FLIPS), read_only=True)

    class Meta(HeldOutSerializer.Meta):
        fields = [*HeldOutSerializer.Meta.fields, "predicted_before", "flip"]
        read_only_fields = fields


class TwoVersionsSerializer(serializers.Serializer[Any]):
    before = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER, help_text="The number of a version.")
    after = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER)


class FlippedQuerySerializer(TwoVersionsSerializer):
    flip = serializers.ChoiceField(list(FLIPS), required=False)


class AccuracySerializer(serializers.Serializer[Any]):
    right = serializers.IntegerField()
    count = serializers.IntegerField()
    share = serializers.FloatField()
    interval = IntervalSerializer()


class PairedDifferenceSerializer(serializers.Serializer[Any]):
    difference = serializers.FloatField(help_text="Accuracy of the later version minus that of the earlier one.")
    interval = IntervalSerializer(help_text="95 %, from the variance between specimens.")
    p = serializers.FloatField()


class ModelComparisonSerializer(serializers.Serializer[Any]):
    """How many micrographs both, one or neither recognised; null where no micrograph was held out by both."""

    count = serializers.IntegerField()
    both = serializers.IntegerField()
    only_before = serializers.IntegerField()
    only_after = serializers.IntegerField()
    neither = serializers.IntegerField()
    before = AccuracySerializer(allow_null=True)
    after = AccuracySerializer(allow_null=True)
    difference = PairedDifferenceSerializer(allow_null=True)
    mcnemar = serializers.FloatField(allow_null=True, help_text="p of the exact test, micrographs as independent.")
    other_folds = serializers.BooleanField(help_text="The folds differ, so the versions are not strictly comparable.")
    flips = serializers.DictField(child=serializers.IntegerField())


class HeldOutList(generics.ListAPIView[OutOfFold]):
    queryset = OutOfFold.objects.none()
    serializer_class = HeldOutSerializer
    get_parameters = {*HeldOutQuerySerializer().fields, *PAGING}

    def get_queryset(self) -> QuerySet[OutOfFold]:
        dataset = dataset_or_404(self.request, self.kwargs["slug"])
        version = get_object_or_404(ModelVersion, dataset=dataset, number=self.kwargs["number"])
        version.dataset = dataset  # which knows who looks
        given = HeldOutQuerySerializer(data=self.request.query_params)
        given.is_valid(raise_exception=True)
        return HeldOutFilter(**given.validated_data).apply(held_out_answers(version))

    @extend_schema(operation_id="datasets_model_versions_held_out_list", parameters=[HeldOutQuerySerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Out-of-fold predictions, the most certain first."""
        return super().get(request, *args, **kwargs)


class ModelVersionCompare(APIView):
    get_parameters = TwoVersionsSerializer().fields

    @extend_schema(parameters=[TwoVersionsSerializer], responses=ModelComparisonSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Version `after` against version `before`, on the micrographs that both held out under the same label."""
        given = TwoVersionsSerializer(data=request.query_params)
        found = _two_versions(request, slug, given)
        return Response(ModelComparisonSerializer(compare_model_versions(*found)).data)


class FlippedList(generics.ListAPIView[OutOfFold]):
    queryset = OutOfFold.objects.none()
    serializer_class = FlippedSerializer
    get_parameters = {*FlippedQuerySerializer().fields, *PAGING}

    def get_queryset(self) -> QuerySet[OutOfFold]:
        given = FlippedQuerySerializer(data=self.request.query_params)
        found = _two_versions(self.request, self.kwargs["slug"], given)
        return flipped(*found, given.validated_data.get("flip", ""))

    @extend_schema(operation_id="datasets_model_versions_flipped_list", parameters=[FlippedQuerySerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The predictions of version `after` that differ from those of version `before`."""
        return super().get(request, *args, **kwargs)


def _two_versions(request: Request, slug: str, given: serializers.Serializer[Any]) -> tuple[ModelVersion, ModelVersion]:
    """The trained versions that the query names. Raises Http404 for others."""
    dataset = dataset_or_404(request, slug)
    given.is_valid(raise_exception=True)
    trained = dataset.model_versions.filter(state=Job.State.DONE).select_related("dataset_version")
    before, after = (get_object_or_404(trained, number=given.validated_data[name]) for name in ("before", "after"))
    before.dataset = after.dataset = dataset  # which knows who looks
    return before, after
