"""Scores of micrographs by a model version."""

import uuid
from dataclasses import dataclass
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from microdb.jobs import Job, JobQuerySet, ended_indexes
from microdb.micrographs.models import NONE_OF_THESE, Dataset, Micrograph, Role, withheld_from, without_sources
from microdb.micrographs.models.admin_indexes import order_index, text_index
from microdb.statistics import capped, ceiling, leads
from microdb.training.models import ModelVersion


def saliency_path(score: "Score", filename: str) -> str:
    return f"saliency/{score.pk}-{uuid.uuid4().hex}.png"


def planes_path(score: "Score", filename: str) -> str:
    return f"planes/{score.pk}-{uuid.uuid4().hex}.png"


AWAITING = Q(state=Job.State.DONE, awaits_label=True)
"""Verdicts on micrographs that are ready to be labelled."""
UNKNOWN = Coalesce("none_of_these", 0.0)


@dataclass(frozen=True)
class Conditions:
    """What a score depends on besides the model version and the pixels: the scale, and what is kept out of sight."""

    pixels_per_micrometre: float | None
    data_bar_top: int | None
    masked: list[dict[str, int]]

    @classmethod
    def of_today(cls, micrograph: Micrograph, *, scale_free: bool) -> "Conditions":
        """Those under which a micrograph would be scored now."""
        scale = None if scale_free else micrograph.pixels_per_micrometre
        return cls(scale, micrograph.data_bar_top, without_sources(micrograph.masked))


class ScoreQuerySet(JobQuerySet["Score"]):
    def visible_to(self, user: object, role: str = Role.VIEWER) -> Self:
        return self.shown_to(user).filter(model_version__dataset__in=Dataset.objects.visible_to(user, role))

    def shown_to(self, user: object) -> Self:
        """Without those of micrographs that are withheld from ``user``."""
        return self.filter(~withheld_from(user, "micrograph"))

    def live_or_done(self) -> Self:
        """Scores that are unique per model version, micrograph and conditions."""
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING, Job.State.DONE])

    def with_page_rows(self) -> Self:
        """With the related rows that pages show, without their large columns."""
        related = self.select_related("model_version__dataset", "micrograph__material_class")
        return related.defer("model_version__descriptor_map", "model_version__metrics", "descriptors")

    def ahead_of(self, score: "Score") -> Self:
        """The scores that the workers of its queue take before a queued score."""
        earlier = Q(state=Job.State.QUEUED, created_at__lt=score.created_at)
        return self.filter(Q(state=Job.State.RUNNING) | earlier, queue=score.queue).exclude(pk=score.pk)


class Score(Job):
    """A model version's verdict on one micrograph; never written twice for the same conditions, and kept when these
    change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="scores", db_index=False)
    micrograph = models.ForeignKey(Micrograph, on_delete=models.CASCADE, related_name="scores")
    pixels_per_micrometre = models.FloatField(null=True, help_text=_("The scale it was scored at."))
    data_bar_top = models.PositiveIntegerField(null=True, help_text=_("The first row that was not looked at."))
    masked = models.JSONField(default=list, help_text=_("The rectangles that were not looked at."))
    seed = models.PositiveIntegerField(default=0)
    queue = models.CharField(max_length=10, default="score", editable=False)

    predicted = models.CharField(max_length=60, blank=True, help_text=_("A class name or none-of-these."))
    probability = models.FloatField(null=True)
    none_of_these = models.FloatField(null=True)
    probabilities = models.JSONField(default=dict, help_text=_("Class name to probability."))
    outside_rank = models.FloatField(
        null=True, help_text=_("Share of known micrographs of unseen specimens that look more familiar, from 0 to 1.")
    )
    nearest = models.CharField(max_length=60, blank=True, help_text=_("The most probable class, always one."))
    descriptors = models.JSONField(default=list, help_text=_("Places of its crops on the descriptor map."))
    monte_carlo_error = models.FloatField(null=True)
    crops = models.PositiveIntegerField(null=True)
    warning = models.TextField(blank=True)
    saliency = models.FileField(upload_to=saliency_path, blank=True)
    planes = models.FileField(
        upload_to=planes_path, blank=True, help_text=_("The map's probabilities, a gray plane per outcome.")
    )
    window = models.FloatField(
        null=True, help_text=_("Side of the window around each place of the map, as a share of the longer side.")
    )
    points = models.JSONField(default=dict, help_text=_("Places of the map by their most probable outcome."))
    held_out = models.PositiveIntegerField(null=True, help_text=_("Held-out micrographs of its model version."))
    unsure_below = models.FloatField(null=True, help_text=_("The lead over the next outcome below which it is unsure."))

    # What lists choose and order by, written by the triggers of migration ``0013_kept_for_lists``.
    dataset = models.ForeignKey(
        Dataset, null=True, on_delete=models.CASCADE, related_name="scores", db_index=False, editable=False
    )
    margin = models.FloatField(null=True, editable=False)
    awaits_label = models.BooleanField(default=False, editable=False)

    objects = ScoreQuerySet.as_manager()

    descriptor: list[float] | None = None
    """Of the micrograph, while the worker that scored it ends the job; the search for similar ones stores it."""

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["model_version", "-created_at"], name="score_latest"),
            models.Index(
                fields=["queue", "state", "enqueued_at", "created_at", "id"],
                condition=Q(state__in=[Job.State.QUEUED, Job.State.RUNNING]),
                name="score_next",
            ),
            models.Index(fields=["-created_at"], name="score_newest"),
            models.Index(
                fields=["model_version", "state"],
                condition=Q(state__in=[Job.State.QUEUED, Job.State.RUNNING]),
                name="score_active",
            ),
            *ended_indexes("score"),
            models.Index(fields=["finished_at"], name="score_finished"),
            models.Index(fields=["dataset", "-created_at", "id"], name="score_of_dataset"),
            models.Index(
                fields=["dataset", "predicted", "-created_at", "id"], condition=~Q(predicted=""), name="score_of_class"
            ),
            models.Index(fields=["dataset", "state", "-created_at", "id"], name="score_by_state"),
            models.Index(fields=["model_version", "probability", "id"], condition=AWAITING, name="score_uncertain"),
            models.Index(fields=["model_version", "margin", "id"], condition=AWAITING, name="score_close_call"),
            models.Index(F("model_version"), UNKNOWN.desc(), F("id"), condition=AWAITING, name="score_unlike_any"),
            models.Index(
                fields=["model_version", "micrograph", "state"], condition=Q(awaits_label=True), name="score_awaiting"
            ),
            models.Index(fields=["state", "-created_at"], condition=~Q(state="done"), name="score_not_done"),
            models.Index(
                fields=["model_version", "predicted", "probability", "micrograph"],
                condition=Q(state=Job.State.DONE),
                name="score_prediction",
            ),
            models.Index(fields=["predicted"], name="score_predicted"),
            models.Index(fields=["error_id"], condition=~Q(error_id=""), name="score_by_error_id"),
            text_index("error", name="score_error_text"),
            order_index("created_at", name="score_in_order"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["model_version", "micrograph", "pixels_per_micrometre", "data_bar_top", "masked"],
                condition=Q(state__in=[Job.State.QUEUED, Job.State.RUNNING, Job.State.DONE]),
                nulls_distinct=False,
                name="score_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=Job.State.DONE) | (~Q(predicted="") & Q(probability__isnull=False)),
                name="score_done_has_verdict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.micrograph}: {self.predicted or self.state}"

    @property
    def conditions(self) -> Conditions:
        """Those under which it was scored."""
        return Conditions(self.pixels_per_micrometre, self.data_bar_top, self.masked)

    @property
    def nearest_class(self) -> str:
        """The most probable class; scores of earlier releases did not store it."""
        return self.nearest or max(self.probabilities, key=self.probabilities.__getitem__, default="")

    @property
    def nearest_probability(self) -> float | None:
        """The probability of the most probable class if it is one of the classes, as pages show it."""
        total = sum(self.probabilities.values())
        if not total:
            return None
        return capped({name: value / total for name, value in self.probabilities.items()}, self.held_out)[
            self.nearest_class
        ]

    @property
    def outcomes(self) -> dict[str, float]:
        """The probability of each class and, last, of none of these."""
        return {**self.probabilities, NONE_OF_THESE: self.none_of_these or 0.0}

    @property
    def ceiling(self) -> float:
        """The largest probability that pages show."""
        return ceiling(self.held_out)

    @property
    def shown_probabilities(self) -> dict[str, float]:
        """The outcomes as pages show them: no surer than the number of held-out micrographs supports."""
        return capped(self.outcomes, self.held_out)

    @property
    def shown_probability(self) -> float | None:
        """The probability of the prediction, as pages show it."""
        return self.shown_probabilities[self.predicted] if self.predicted in self.outcomes else None

    @property
    def unsure_between(self) -> list[str]:
        """The two most probable outcomes, if the lead of the first is small; else nothing."""
        if self.unsure_below is None or not self.probabilities:
            return []
        first_two, lead = leads(self.outcomes)
        return first_two if lead < self.unsure_below else []
