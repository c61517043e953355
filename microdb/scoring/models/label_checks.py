"""Labels compared with the latest evidence that did not learn them."""

from django.db import models
from django.db.models import Q

from microdb.micrographs.models import NONE_OF_THESE, Dataset, Micrograph
from microdb.scoring.models.scores import Score
from microdb.training.models import OutOfFold

OPEN = Q(weight__isnull=False, kept_label="")
"""Labels to check: they are contradicted, and nobody has kept them against this evidence."""
KEPT = Q(weight__isnull=False) & ~Q(kept_label="")


class LabelCheck(models.Model):
    """How severely the latest evidence contradicts the label of a micrograph; ``weight`` is null where it does not.

    The evidence is the out-of-fold prediction of the dataset's latest trained version, or else the latest score by a
    version that was not trained on the micrograph. The triggers of migration ``0013_kept_for_lists`` keep the rows, so
    no foreign key holds in the database. When label or evidence change, they drop ``kept_label``.
    """

    micrograph = models.OneToOneField(
        Micrograph, on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    dataset = models.ForeignKey(
        Dataset, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    score = models.ForeignKey(
        Score, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    out_of_fold = models.ForeignKey(
        OutOfFold, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    weight = models.FloatField(
        null=True,
        help_text="How much more probable the prediction is than the label, from 0 to 1; 2 less where it is none of "
        "these, which is weak evidence about a label.",
    )

    kept_label = models.CharField(
        max_length=60,
        blank=True,
        default="",
        help_text="The label that a person has kept against this evidence.",
    )

    class Meta:
        indexes = [
            models.Index(fields=["dataset", "-weight", "micrograph"], condition=OPEN, name="label_issue_open"),
            models.Index(fields=["dataset", "-weight", "micrograph"], condition=KEPT, name="label_issue_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.micrograph_id}: {self.weight}"

    @property
    def label(self) -> str:
        return self.micrograph.label

    @property
    def kept(self) -> bool:
        return bool(self.kept_label)

    @property
    def version_number(self) -> int:
        return self._evidence.model_version.number

    @property
    def probabilities(self) -> dict[str, float]:
        """Of the classes and none of these, which comes last."""
        if self.score is None:
            return dict(self._evidence.probabilities)
        return {**self.score.probabilities, NONE_OF_THESE: self.score.none_of_these or 0.0}

    @property
    def predicted(self) -> str:
        probabilities = self.probabilities
        return max(probabilities, key=probabilities.__getitem__)

    @property
    def probability(self) -> float:
        return max(self.probabilities.values())

    @property
    def for_label(self) -> float:
        """The probability of the label; 0 for a class that the version does not know."""
        return self.probabilities.get(self.label, 0.0)

    @property
    def _evidence(self) -> Score | OutOfFold:
        """What contradicts the label; only a row without a weight has none."""
        evidence = self.score or self.out_of_fold
        assert evidence is not None
        return evidence
