"""What a bulk change can be undone with: a signed text, which its client keeps and sends back."""

from collections.abc import Iterable
from datetime import timedelta

from django.core import signing
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.models import Dataset
from microdb.micrographs.services.bulk import Step, is_undoable

SALT = "microdb.micrographs.undo"
LASTS = timedelta(days=7)


def undo_text(dataset: Dataset, steps: Iterable[Step]) -> str | None:
    """The steps, signed; None where there is nothing to undo, or too much to carry along."""
    kept = list(steps)
    if not kept or not is_undoable(kept):
        return None
    return signing.dumps({"dataset": dataset.pk, "steps": kept}, salt=SALT, compress=True)


def undo_steps_of(dataset: Dataset, text: str) -> list[Step]:
    """The steps of a text that ``undo_text`` made for this dataset.

    Raises MicroDBError for any other text, and for one that is older than ``LASTS``.
    """
    try:
        kept = signing.loads(text, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        kept = {"dataset": None}
    if kept["dataset"] != dataset.pk:
        raise MicroDBError(
            _("This is no undo of a change of this dataset in the last %d days. Send it as it was answered.")
            % LASTS.days,
            code="bad_undo",
        )
    steps: list[Step] = kept["steps"]
    return steps
