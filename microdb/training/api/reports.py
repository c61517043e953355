"""The numbers of a trained version, and what a dataset still lacks to be trained on."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.jobs import Job
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Role
from microdb.training.access import version_or_404
from microdb.training.changed_labels import since_training
from microdb.training.descriptor_map.shown import shown_map
from microdb.training.preflight import preflight
from microdb.training.reports import Row, report


class MeasureSerializer(serializers.Serializer[Any]):
    """A share from 0 to 1, with its 95 % interval where that is known."""

    name = serializers.CharField()
    share = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    remark = serializers.CharField()


class ConfusionRowSerializer(serializers.Serializer[Row]):
    """How the held-out micrographs of one label were named, in the order of `outcomes`."""

    label = serializers.CharField()  # type: ignore[assignment] # a serializer's own label is not used
    counts = serializers.SerializerMethodField()
    total = serializers.IntegerField()
    recall = serializers.FloatField(allow_null=True)

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_counts(self, row: Row) -> list[int]:
        return [cell.count for cell in row.cells]


class RateSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    share = serializers.FloatField(allow_null=True)
    low = serializers.FloatField()
    high = serializers.FloatField()
    count = serializers.IntegerField()
    hits = serializers.IntegerField(help_text="Of the count, those that the share counts.")


class SinceTrainingSerializer(serializers.Serializer[Any]):
    """What became of the training micrographs."""

    changed = serializers.IntegerField(help_text="That have another label now.")
    added = serializers.IntegerField(help_text="Labelled ones in split train that were not trained on.")


class ChoiceSerializer(serializers.Serializer[Any]):
    """What another limit would do: shares that would be none of these. `limit`: of the evidence of a crop."""

    false_rejection = serializers.FloatField(help_text="Share of known micrographs that may be rejected.")
    limit = serializers.FloatField(allow_null=True)
    known = serializers.FloatField(allow_null=True)
    known_rejected = serializers.IntegerField(help_text="How many known micrographs that is.")
    drawn = serializers.FloatField(allow_null=True, help_text="Of drawn other materials.")
    labelled = serializers.FloatField(allow_null=True, help_text="Of micrographs labelled none-of-these.")
    left_out = serializers.FloatField(allow_null=True, help_text="Of classes that were left out in turn.")
    chosen = serializers.BooleanField(help_text="Whether this version was trained with it.")


class OperatingPointSerializer(serializers.Serializer[Any]):
    """What the limit of none of these rejects, finds and warns of."""

    false_rejection = serializers.FloatField(help_text="Share of known micrographs that may be rejected.")
    rejected = RateSerializer(many=True)
    found = RateSerializer(many=True)
    warned = RateSerializer(many=True)
    choices = ChoiceSerializer(many=True, help_text="Other limits, with their consequences.")


class TrainedOnSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField()


class ModelReportSerializer(serializers.Serializer[Any]):
    """The tables of a trained version; empty where nothing could be held out."""

    held_out = serializers.IntegerField(help_text="Micrographs whose specimens were not trained on.")
    measures = MeasureSerializer(many=True)
    outcomes = serializers.ListField(child=serializers.CharField())
    confusion = ConfusionRowSerializer(source="rows", many=True)
    trained_on = serializers.SerializerMethodField()
    rejected_known = RateSerializer(allow_null=True, help_text="Held-out micrographs that are called none of these.")
    found_left_out = RateSerializer(
        allow_null=True, help_text="Micrographs that are called none of these once their class is left out."
    )
    operating_point = OperatingPointSerializer(allow_null=True)
    since_training = serializers.SerializerMethodField(help_text="Null for a version that is not trained here.")
    descriptor_map = serializers.SerializerMethodField(
        help_text="The crops on the plane of their first components; `owners` points into `micrographs`, which has "
        "null for one that can't be opened. A crop whose `evidence` is above a limit is none of these."
    )

    @extend_schema_field(TrainedOnSerializer(many=True))
    def get_trained_on(self, found: Any) -> list[dict[str, Any]]:
        return [{"name": name, "count": count} for name, count in found.counts]

    @extend_schema_field(SinceTrainingSerializer(allow_null=True))
    def get_since_training(self, found: Any) -> Any:
        version = self.context["version"]
        since = since_training(version) if version.state == Job.State.DONE else None
        return SinceTrainingSerializer(since).data if since else None

    @extend_schema_field(serializers.DictField())
    def get_descriptor_map(self, found: Any) -> Any:
        return shown_map(self.context["version"])


class ModelVersionReport(APIView):
    @extend_schema(responses=ModelReportSerializer)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """The numbers of a version's page: accuracy, confusion, operating point, descriptor map."""
        version = version_or_404(request, slug, number)
        return Response(ModelReportSerializer(report(version), context={"version": version}).data)


class ClassCountSerializer(serializers.Serializer[Any]):
    """Micrographs of one class: how many can be trained on, and why others can't."""

    name = serializers.CharField()
    usable = serializers.IntegerField(help_text="Also those of no split, which a training can include.")
    without_scale = serializers.IntegerField()
    not_ready = serializers.IntegerField()
    unsplit = serializers.IntegerField(help_text="Labelled ones of no split.")


class TrainingCheckSerializer(serializers.Serializer[Any]):
    """Without problems a training with `include_unsplit` can start."""

    classes = ClassCountSerializer(many=True)
    problems = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_problems(self, found: Any) -> list[str]:
        return [problem.sentence for problem in found.problems]


class TrainingCheck(APIView):
    @extend_schema(responses=TrainingCheckSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Whether the dataset can be trained on, and what it lacks."""
        dataset = dataset_or_404(request, slug, Role.VIEWER)
        return Response(TrainingCheckSerializer(preflight(dataset, with_unsplit=True)).data)
