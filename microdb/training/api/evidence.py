"""The micrographs behind the rates of none of these, and the labels that were changed since a training."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.parameters import PAGING
from microdb.micrographs.models import DatasetVersionEntry
from microdb.training.access import trained_or_404
from microdb.training.changed_labels import changed_labels
from microdb.training.models import NoneOfTheseTest
from microdb.training.none_of_these import OUTCOMES, TestFilter, none_of_these_tests


class TestQuerySerializer(serializers.Serializer[Any]):
    """Which tests."""

    kind = serializers.ChoiceField(NoneOfTheseTest.Kind.choices, required=False)
    label = serializers.CharField(required=False, help_text="In the training.")  # type: ignore[assignment] # a serializer's own label is not used
    outcome = serializers.ChoiceField(OUTCOMES, required=False, help_text="Called none of these (found) or not.")


class NoneOfTheseTestSerializer(serializers.ModelSerializer[NoneOfTheseTest]):
    """A micrograph that "none of these" was measured on, by a part of the version that did not know it."""

    filename = serializers.CharField(source="micrograph.filename", read_only=True)
    label = serializers.CharField(read_only=True, help_text="In the training.")  # type: ignore[assignment] # a serializer's own label is not used
    label_now = serializers.CharField(source="micrograph.answer", read_only=True)
    none_of_these = serializers.BooleanField(source="rejected", read_only=True)

    class Meta:
        model = NoneOfTheseTest
        fields = ["micrograph", "filename", "kind", "label", "label_now", "none_of_these", "margin"]
        read_only_fields = fields


class ChangedLabelSerializer(serializers.ModelSerializer[DatasetVersionEntry]):
    """A training micrograph that has another label now."""

    filename = serializers.CharField(source="micrograph.filename", read_only=True)
    label = serializers.CharField(read_only=True, help_text="In the training.")  # type: ignore[assignment] # a serializer's own label is not used
    label_now = serializers.CharField(read_only=True)

    class Meta:
        model = DatasetVersionEntry
        fields = ["micrograph", "filename", "label", "label_now"]
        read_only_fields = fields


class NoneOfTheseList(generics.ListAPIView[NoneOfTheseTest]):
    queryset = NoneOfTheseTest.objects.none()
    serializer_class = NoneOfTheseTestSerializer
    get_parameters = {*TestQuerySerializer().fields, *PAGING}

    def get_queryset(self) -> QuerySet[NoneOfTheseTest]:
        version = trained_or_404(self.request, self.kwargs["slug"], self.kwargs["number"])
        given = TestQuerySerializer(data=self.request.query_params)
        given.is_valid(raise_exception=True)
        return TestFilter(**given.validated_data).apply(none_of_these_tests(version))

    @extend_schema(operation_id="datasets_model_versions_none_of_these_list", parameters=[TestQuerySerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What "none of these" was measured on, from what is clearly none of these to what is clearly known."""
        return super().get(request, *args, **kwargs)


class ChangedLabelList(generics.ListAPIView[DatasetVersionEntry]):
    queryset = DatasetVersionEntry.objects.none()
    serializer_class = ChangedLabelSerializer
    get_parameters = set(PAGING)

    def get_queryset(self) -> QuerySet[DatasetVersionEntry]:
        return changed_labels(trained_or_404(self.request, self.kwargs["slug"], self.kwargs["number"]))

    @extend_schema(operation_id="datasets_model_versions_changed_labels_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Training micrographs whose label was changed since the version was trained, by file name."""
        return super().get(request, *args, **kwargs)
