"""Answers of the models that could be read when the questions were chosen."""

from collections.abc import Iterable

from django.db.models import Count

from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion


def answers_known(asked: Iterable[Micrograph], competitors: Iterable[ModelVersion]) -> dict[str, int]:
    """Number of a version to the number of these micrographs that it has scored; without versions that scored none.

    The site shows each score to every member, and does not log who opens it. So an answer that exists counts as known.
    """
    done = Score.objects.filter(
        state=Job.State.DONE, model_version__in=list(competitors), micrograph__in=[m.pk for m in asked]
    )
    counts = done.order_by().values_list("model_version__number").annotate(Count("micrograph", distinct=True))
    return {str(number): count for number, count in sorted(counts)}
