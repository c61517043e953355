"""From verdicts to labels: the prediction of each score, or none of these, becomes the label of its micrograph."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import together
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import NONE_OF_THESE, Dataset, Micrograph
from microdb.micrographs.services import set_label
from microdb.micrographs.services.bulk import Step, step_of
from microdb.scoring.models import Score

PREDICTED = "predicted"
ANSWERS = (PREDICTED, NONE_OF_THESE)
"""What may become the label: the prediction, or none of these whatever was predicted."""


@dataclass(frozen=True)
class Labelled:
    """How many micrographs were chosen and how many labels changed, and the steps that undo it.

    ``left_out``: scores without a verdict, or whose file is no micrograph of the dataset.
    """

    chosen: int
    changed: int
    left_out: int
    undo: list[Step]


@transaction.atomic
def label_by_scores(
    *, dataset: Dataset, scores: Sequence[UUID], answer: str, by: User, seen: str | None = None
) -> Labelled:
    """Label the micrographs of these scores of the dataset by one of ``ANSWERS``, all or none.

    Of several scores of a micrograph the latest counts. ``seen``: see ``set_label``. Raises MicroDBError where none of
    them can give a label, and as ``set_label`` does, for example for a class that the dataset no longer has.
    """
    found = _verdicts(dataset, scores)
    if not found:
        raise MicroDBError(
            _("Choose a verdict on a micrograph of the dataset. Add a file that was only scored to it first."),
            code="nothing_to_label",
        )
    groups: dict[str, list[Micrograph]] = defaultdict(list)
    for score in found.values():
        groups[score.predicted if answer == PREDICTED else answer].append(score.micrograph)
    undo = step_of("label", (score.micrograph for score in found.values()))
    with together():
        changed = sum(set_label(micrographs=some, label=label, by=by, seen=seen) for label, some in groups.items())
    left_out = len(set(scores)) - Score.objects.filter(pk__in=scores, micrograph__in=list(found)).count()
    return Labelled(len(found), changed, left_out, [undo] if changed else [])


def _verdicts(dataset: Dataset, scores: Sequence[UUID]) -> dict[UUID, Score]:
    """The latest of the chosen verdicts on each micrograph of the dataset that the person may see."""
    rows = Score.objects.filter(pk__in=scores, dataset=dataset, state=Job.State.DONE)
    rows = rows.filter(micrograph__in=dataset.shown().ready()).select_related("micrograph__material_class")
    return {score.micrograph_id: score for score in rows.defer("descriptors").order_by("created_at")}
