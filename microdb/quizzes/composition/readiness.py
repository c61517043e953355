"""Whether a draft can open: the models' answers that are still missing, and what would be unfair to a model."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from microdb.jobs import Job
from microdb.micrographs.models import NONE_OF_THESE
from microdb.quizzes.composition.copies import copies_elsewhere
from microdb.quizzes.composition.leakage import named
from microdb.quizzes.composition.record import classes_without_question
from microdb.quizzes.models import ModelAnswer, Question, Quiz
from microdb.scoring.models import Conditions, Score

ScoreKey = tuple[Any, Any]
"""Primary keys of a model version and a micrograph."""


@dataclass(frozen=True)
class Readiness:
    """How many of the models' answers are ready, and which scores have failed."""

    answered: int
    wanted: int
    requested: bool
    failures: list[str]

    @property
    def complete(self) -> bool:
        return self.answered == self.wanted

    @property
    def waiting(self) -> bool:
        return self.requested and not self.complete and not self.failures


def readiness(quiz: Quiz) -> Readiness:
    """Whether every competitor has answered every question."""
    scores = quiz_scores(quiz).values()
    failed = [score for score in scores if score.state == Job.State.FAILED]
    return Readiness(
        answered=sum(score.state == Job.State.DONE for score in scores),
        wanted=quiz.questions.count() * quiz.competitors.count(),
        requested=any(score.is_active for score in scores),
        failures=[f"{score.micrograph.filename}: {score.error}" for score in failed],
    )


def quiz_scores(quiz: Quiz) -> dict[ScoreKey, Score]:
    """The latest score of each competitor for each question, under the conditions that the micrograph has now."""
    scores = Score.objects.filter(
        model_version__in=quiz.competitors.all(), micrograph__in=quiz.questions.values("micrograph")
    ).exclude(state=Job.State.CANCELLED)
    scores = scores.select_related("micrograph").order_by("created_at")
    latest: dict[ScoreKey, Score] = {}
    for score in scores:
        key = (score.model_version_id, score.micrograph_id)
        better_there = key in latest and latest[key].state == Job.State.DONE
        now = Conditions.of_today(score.micrograph, scale_free=quiz.dataset.scale_free)
        if score.conditions == now and not better_there:
            latest[key] = score
    return latest


def model_answer(question: Question, score: Score, *, offers_none_of_these: bool) -> ModelAnswer:
    """The competitor's answer among the options of readers; none of these only where the quiz offers it."""
    predicted = score.predicted
    if not offers_none_of_these:
        predicted = max(score.probabilities, key=score.probabilities.__getitem__)
    return ModelAnswer(
        question=question,
        model_version_id=score.model_version_id,
        predicted=predicted,
        none_of_these=score.none_of_these or 0.0,
        probabilities=score.probabilities,
        saliency=score.saliency.name or "",
    )


def warnings(quiz: Quiz) -> list[str]:
    """Sentences about classes that are not asked, and scales and classes outside a competitor's training."""
    questions = list(quiz.questions.select_related("micrograph__material_class"))
    sentences = []
    if missing := classes_without_question(quiz, questions):
        sentences.append(_("No question shows %s. The record will say so.") % named(missing))
    for version in quiz.competitors.all():
        low, high = version.metrics.get("scale_range") or (0, float("inf"))
        scales = [(q.micrograph.filename, q.micrograph.pixels_per_micrometre) for q in questions]
        outside = [f"{name} ({scale:g})" for name, scale in scales if scale and not low <= scale <= high]
        if outside:
            sentences.append(
                _("%(version)s was trained from %(low)s to %(high)s pixels per micrometre. Outside that: %(names)s.")
                % {"version": version, "low": f"{low:g}", "high": f"{high:g}", "names": named(outside)}
            )
        unknown = sorted({q.micrograph.label for q in questions} - set(version.classes) - {NONE_OF_THESE})
        if unknown:
            sentences.append(
                _("%(version)s does not know the class %(names)s.") % {"version": version, "names": named(unknown)}
            )
    return [*sentences, *copies_elsewhere(quiz)]
