"""The predictions of a dataset's active version, by which the gallery and the API choose micrographs."""

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Least, NullIf

from microdb.jobs import Job
from microdb.micrographs.gallery.predictions import UNSCORED, PredictionFilter
from microdb.micrographs.models import Dataset, MicrographQuerySet
from microdb.scoring.models import Score, ScoreQuerySet
from microdb.statistics import UNSUPPORTED
from microdb.training.models import ModelVersion

_HELD_OUT = NullIf(F("held_out"), 0)
_SHOWN = Least(F("probability"), Coalesce((_HELD_OUT + 1.0) / (_HELD_OUT + 2.0), UNSUPPORTED))
"""As ``statistics.capped`` gives it for the largest probability."""


def predictions(dataset: Dataset) -> ScoreQuerySet:
    """The active version's verdict on each micrograph; after a change of scale or data bar, the latest one."""
    active = ModelVersion.objects.filter(dataset=dataset, is_active=True).values_list("pk", flat=True).first()
    done = Score.objects.filter(model_version=active, state=Job.State.DONE)
    later = done.filter(micrograph=OuterRef("micrograph"), created_at__gt=OuterRef("created_at"))
    return done.filter(~Exists(later))


def matching(dataset: Dataset, chosen: PredictionFilter) -> Q:
    """Micrographs whose prediction a filter chooses."""
    found = predictions(dataset).filter(micrograph=OuterRef("pk"))
    if chosen.predicted == UNSCORED:
        return Q(~Exists(found))
    if chosen.predicted:
        found = found.filter(predicted=chosen.predicted)
    if chosen.probability_min:
        found = found.filter(probability__gte=float(chosen.probability_min))
    if chosen.probability_max:
        found = found.filter(probability__lte=float(chosen.probability_max))
    return Q(Exists(found))


def shown(dataset: Dataset, micrographs: MicrographQuerySet) -> MicrographQuerySet:
    """With ``predicted``, ``predicted_probability``, and ``shown_probability``, no surer than pages may be."""
    found = predictions(dataset).filter(micrograph=OuterRef("pk")).order_by()
    return micrographs.annotate(
        predicted=Subquery(found.values("predicted")[:1]),
        predicted_probability=Subquery(found.values("probability")[:1]),
        shown_probability=Subquery(found.annotate(shown=_SHOWN).values("shown")[:1]),
    )
