"""Batches, their results, and scores as JSON."""

import math
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.scoring.batch_progress import verdicts_per_second
from microdb.scoring.batch_results import reason, verdict
from microdb.scoring.models import Batch, BatchItem, Score


class ScoreSerializer(serializers.ModelSerializer[Score]):
    """One verdict; its fields are null or empty until ``state`` is done."""

    dataset = serializers.CharField(source="model_version.dataset.slug", read_only=True)
    model_version = serializers.IntegerField(source="model_version.number", read_only=True)
    dataset_version = serializers.IntegerField(source="model_version.dataset_version.number", read_only=True)
    filename = serializers.CharField(source="micrograph.filename", read_only=True)
    probabilities = serializers.DictField(child=serializers.FloatField(), read_only=True)
    shown_probabilities = serializers.SerializerMethodField(
        help_text="Of the classes and none-of-these, capped by what the number of held-out micrographs supports."
    )
    held_out = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Held-out micrographs that checked the model version."
    )
    unsure_between = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="The two most probable outcomes, if the lead of the first is small; else empty.",
    )
    points = serializers.DictField(
        child=serializers.IntegerField(),
        read_only=True,
        help_text="How many places of the saliency map have which outcome as their most probable one.",
    )
    saliency = serializers.SerializerMethodField(help_text="A PNG to lay over the micrograph; null until it is done.")
    planes = serializers.SerializerMethodField(
        help_text="A gray PNG with the map's probabilities, a plane per outcome; null where there is none."
    )
    window = serializers.FloatField(
        read_only=True,
        allow_null=True,
        help_text="Side of the window that a value of the map stands for, as a share of the micrograph's longer side.",
    )

    class Meta:
        model = Score
        fields = [
            "id",
            "state",
            "progress",
            "error",
            "error_id",
            "dataset",
            "micrograph",
            "filename",
            "model_version",
            "dataset_version",
            "pixels_per_micrometre",
            "predicted",
            "probability",
            "none_of_these",
            "outside_rank",
            "nearest",
            "probabilities",
            "shown_probabilities",
            "held_out",
            "unsure_between",
            "monte_carlo_error",
            "crops",
            "seed",
            "warning",
            "saliency",
            "planes",
            "window",
            "points",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=serializers.FloatField()))
    def get_shown_probabilities(self, score: Score) -> dict[str, float]:
        return score.shown_probabilities if score.state == Job.State.DONE else {}

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_saliency(self, score: Score) -> str | None:
        return self._address("api_score_saliency", score) if score.saliency else None

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_planes(self, score: Score) -> str | None:
        return self._address("api_score_planes", score) if score.planes else None

    def _address(self, name: str, score: Score) -> str:
        return reverse(name, kwargs={"pk": score.pk}, request=self.context.get("request"))


class ManifestSerializer(serializers.Serializer[Any]):
    """How the manifest of a batch was understood."""

    name = serializers.CharField()
    encoding = serializers.CharField(help_text="utf-8 or utf-16")
    separator = serializers.CharField(help_text="A comma, a semicolon or a tab.", trim_whitespace=False)
    decimal_comma = serializers.BooleanField(help_text="Whether a comma in a number is a decimal comma.")
    rows = serializers.IntegerField()
    rows_without_file = serializers.IntegerField(help_text="Each is a result with its reason.")
    files_without_row = serializers.IntegerField(help_text="These have no manifest_line in the results.")


OPEN, RUNNING, ENDED, STOPPED = "open", "running", "done", "cancelled"
BATCH_STATES = [OPEN, RUNNING, ENDED, STOPPED]


def batch_state(batch: Any) -> str:
    """The state of a batch with its counts."""
    if batch.is_open:
        return OPEN
    if batch.waiting:
        return RUNNING
    return STOPPED if batch.cancelled_at else ENDED


class BatchSerializer(serializers.ModelSerializer[Batch]):
    """How far a batch is: ``total`` = ``done`` + ``waiting`` + ``without_verdict``."""

    dataset = serializers.CharField(source="model_version.dataset.slug", read_only=True)
    model_version = serializers.IntegerField(source="model_version.number", read_only=True)
    state = serializers.SerializerMethodField(help_text="An open batch takes files and waits to be started.")
    total = serializers.IntegerField(read_only=True)
    done = serializers.IntegerField(read_only=True)
    waiting = serializers.IntegerField(read_only=True)
    without_verdict = serializers.IntegerField(read_only=True, help_text="Refused, failed or cancelled.")
    files_per_second = serializers.SerializerMethodField(help_text="Verdicts of the last minute; null before any.")
    seconds_left = serializers.SerializerMethodField(help_text="At that rate; null while it is not known.")
    manifest = ManifestSerializer(read_only=True, allow_null=True)
    results = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        fields = [
            "id",
            "dataset",
            "model_version",
            "state",
            "total",
            "done",
            "waiting",
            "without_verdict",
            "files_per_second",
            "seconds_left",
            "manifest",
            "client_key",
            "created_at",
            "started_at",
            "cancelled_at",
            "results",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=BATCH_STATES))
    def get_state(self, batch: Batch) -> str:
        return batch_state(batch)

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_files_per_second(self, batch: Batch) -> float | None:
        rate = self._rate(batch)
        return None if rate is None else round(rate, 3)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_seconds_left(self, batch: Batch) -> int | None:
        if batch_state(batch) in (ENDED, STOPPED):
            return 0
        rate = self._rate(batch)
        return None if rate is None else math.ceil(batch.waiting / rate)  # type: ignore[attr-defined] # with_counts()

    @extend_schema_field(OpenApiTypes.URI)
    def get_results(self, batch: Batch) -> str:
        return reverse(
            "api_batch_results",
            kwargs={"slug": batch.model_version.dataset.slug, "pk": batch.pk},
            request=self.context.get("request"),
        )

    def _rate(self, batch: Any) -> float | None:
        """Verdicts per second of a running batch."""
        if batch_state(batch) != RUNNING:
            return None
        return verdicts_per_second(batch.lately, timezone.now() - batch.started_at)


class AddedFileSerializer(serializers.Serializer[Any]):
    """What became of a file: stored as a micrograph, or refused for a reason."""

    filename = serializers.CharField()
    micrograph = serializers.UUIDField(source="micrograph.pk", default=None, allow_null=True)
    code = serializers.CharField(source="error_code", help_text="The kind of the reason; empty for a stored file.")
    warning = serializers.CharField(source="error", help_text="Why the file is not stored; empty for a stored one.")


class AddedFilesSerializer(serializers.Serializer[Any]):
    """The files of one request, and how many the batch has now."""

    total = serializers.IntegerField()
    files = AddedFileSerializer(many=True)


RESULT_STATES = ["reading", *Job.State.values, "refused"]


class ResultSerializer(serializers.Serializer[BatchItem]):
    """One file of a batch, as a row of the CSV file is."""

    filename = serializers.CharField()
    pixels_per_micrometre = serializers.SerializerMethodField()
    scale_source = serializers.CharField(
        source="micrograph.scale_source", default="", help_text="metadata, micron_bar, sidecar or by_hand."
    )
    scale_note = serializers.CharField(
        source="micrograph.scale_note", default="", help_text="The source's own words, or why no scale was taken."
    )
    manifest_line = serializers.IntegerField(allow_null=True, help_text="The line of the manifest that names the file.")
    state = serializers.ChoiceField(choices=RESULT_STATES)
    code = serializers.CharField(source="error_code", help_text="The kind of the reason why there is no score.")
    predicted = serializers.SerializerMethodField(help_text="A class name or none-of-these; empty without a verdict.")
    probability = serializers.FloatField(source="score.probability", default=None)
    none_of_these = serializers.FloatField(source="score.none_of_these", default=None)
    probabilities = serializers.DictField(source="score.probabilities", default=dict, child=serializers.FloatField())
    outside_rank = serializers.FloatField(
        source="score.outside_rank",
        default=None,
        help_text="Share of known micrographs of unseen specimens that look more familiar, from 0 to 1.",
    )
    nearest = serializers.CharField(source="score.nearest", default="", help_text="The most probable class.")
    crops = serializers.IntegerField(source="score.crops", default=None)
    seed = serializers.IntegerField(source="score.seed", default=None)
    warning = serializers.SerializerMethodField(help_text="Also the reason why there is no verdict.")
    score = serializers.UUIDField(source="score_id", allow_null=True)

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_pixels_per_micrometre(self, item: BatchItem) -> float | None:
        known: Score | Micrograph | None = item.score or item.micrograph
        return known.pixels_per_micrometre if known else None

    def get_predicted(self, item: BatchItem) -> str:
        score = verdict(item.score)
        return score.predicted if score else ""

    def get_warning(self, item: BatchItem) -> str:
        return reason(item)
