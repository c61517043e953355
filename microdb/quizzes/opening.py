"""What must hold before a quiz opens, and what is fixed when it does. Reads only; ``services.open_quiz`` writes."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from microdb.jobs import Job
from microdb.micrographs.models import NONE_OF_THESE, DatasetVersionEntry, Micrograph, Split, Twin
from microdb.quizzes.models import ModelAnswer, Question, Quiz, SignOff
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion

NAMED_AT_MOST = 5
SIGN_OFFS = 2
"""Curators who must sign the truth, where a quiz needs it."""
ScoreKey = tuple[Any, Any]
"""Primary keys of a model version and a micrograph."""


@dataclass(frozen=True)
class Leak:
    """Micrographs that a model version may not be asked about: trained on themselves, on their specimen, or on a
    near-duplicate of them that nobody has declared to be another picture.
    """

    seen: list[Micrograph]
    by_specimen: list[Micrograph]
    alike: list[Micrograph]

    @property
    def all(self) -> list[Micrograph]:
        return [*self.seen, *self.by_specimen, *self.alike]


def leaks(micrographs: Iterable[Micrograph], competitors: Iterable[ModelVersion]) -> list[str]:
    """A sentence for every competitor that was trained on one of the micrographs, its specimen or its like."""
    asked = list(micrographs)
    return [sentence for version in competitors for sentence in _sentences(version, leak_of(asked, version))]


def leaking(micrographs: Iterable[Micrograph], competitors: Iterable[ModelVersion]) -> set[UUID]:
    """Keys of the micrographs that may not be asked, since they would leak."""
    asked = list(micrographs)
    return {micrograph.pk for version in competitors for micrograph in leak_of(asked, version).all}


def leak_of(asked: list[Micrograph], version: ModelVersion) -> Leak:
    """What of the micrographs the version has met in its training; each under the plainest of the three headings."""
    trained = DatasetVersionEntry.objects.filter(
        version=version.dataset_version_id, split=Split.TRAIN, label__in=version.classes
    )
    specimens = {micrograph.specimen for micrograph in asked if micrograph.specimen}
    pks = set(trained.filter(micrograph__in=[m.pk for m in asked]).values_list("micrograph", flat=True))
    seen_specimens = set(trained.filter(specimen__in=specimens).values_list("specimen", flat=True))
    twins = twins_of(asked, trained.values("micrograph"))
    seen = [m for m in asked if m.pk in pks]
    by_specimen = [m for m in asked if m.pk not in pks and m.specimen in seen_specimens]
    rest = twins - {m.pk for m in (*seen, *by_specimen)}
    return Leak(seen, by_specimen, [m for m in asked if m.pk in rest])


def twins_of(asked: Iterable[Micrograph], others: Any) -> set[UUID]:
    """Keys of the micrographs that have a near-duplicate among ``others``."""
    pks = [micrograph.pk for micrograph in asked]
    twins = Twin.objects.filter(dismissed_at=None)
    found = twins.filter(first__in=pks, second__in=others).values_list("first", flat=True)
    return set(found.union(twins.filter(second__in=pks, first__in=others).values_list("second", flat=True)))


def _sentences(version: ModelVersion, leak: Leak) -> list[str]:
    wordings = {
        _("%(version)s was trained on %(names)s: leave it out of the quiz, or train a version without it."): [
            m.filename for m in leak.seen
        ],
        _("%(version)s was trained on the same specimen as %(names)s: leave that out of the quiz."): [
            f"{m.filename} ({m.specimen})" for m in leak.by_specimen
        ],
        _(
            "%(version)s was trained on a near-duplicate of %(names)s: leave that out of the quiz, or say on its page "
            "that the two pictures differ."
        ): [m.filename for m in leak.alike],
    }
    return [wording % {"version": version, "names": named(names)} for wording, names in wordings.items() if names]


def warnings(quiz: Quiz) -> list[str]:
    """What does not forbid the quiz but makes it unfair to a competitor: scales and classes it never saw."""
    questions = list(quiz.questions.select_related("micrograph__material_class"))
    sentences = []
    for version in quiz.competitors.all():
        low, high = version.metrics.get("scale_range") or (0, float("inf"))
        scales = [(q.micrograph.filename, q.micrograph.pixels_per_micrometre) for q in questions]
        outside = [f"{name} ({scale:g})" for name, scale in scales if scale and not low <= scale <= high]
        if outside:
            sentences.append(
                _("%(version)s was trained from %(low)s to %(high)s pixels per micrometre; outside lie %(names)s.")
                % {"version": version, "low": f"{low:g}", "high": f"{high:g}", "names": named(outside)}
            )
        unknown = sorted({q.micrograph.label for q in questions} - set(version.classes) - {NONE_OF_THESE})
        if unknown:
            sentences.append(
                _("%(version)s does not know the class %(names)s.") % {"version": version, "names": named(unknown)}
            )
    return sentences


@dataclass(frozen=True)
class Readiness:
    """How many of the models' answers are there, and why some will never come."""

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


def quiz_scores(quiz: Quiz) -> dict[ScoreKey, Score]:
    """The latest score of each competitor for each question, at the scale that the micrograph has now."""
    scores = Score.objects.filter(
        model_version__in=quiz.competitors.all(), micrograph__in=quiz.questions.values("micrograph")
    ).exclude(state=Job.State.CANCELLED)
    scores = scores.select_related("micrograph").order_by("created_at")
    latest: dict[ScoreKey, Score] = {}
    for score in scores:
        key = (score.model_version_id, score.micrograph_id)
        better_there = key in latest and latest[key].state == Job.State.DONE
        micrograph = score.micrograph
        now = (micrograph.pixels_per_micrometre, micrograph.data_bar_top)
        if (score.pixels_per_micrometre, score.data_bar_top) == now and not better_there:
            latest[key] = score
    return latest


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


def model_answer(question: Question, score: Score, *, offers_none_of_these: bool) -> ModelAnswer:
    """The competitor's answer among the options that readers have too: none of these only where it is offered."""
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


def truth_sha256(quiz: Quiz) -> str:
    """SHA-256 of a draft's questions with label and scale as they are now: what a curator signs."""
    questions = quiz.questions.select_related("micrograph__material_class")
    document = [[q.micrograph.sha256, q.micrograph.label, q.micrograph.pixels_per_micrometre] for q in questions]
    return hashlib.sha256(json.dumps(document).encode()).hexdigest()


def valid_sign_offs(quiz: Quiz) -> list[SignOff]:
    """The curators' signatures that are of the truth as it is now."""
    return list(quiz.sign_offs.filter(truth_sha256=truth_sha256(quiz)).select_related("user"))


def is_intact(quiz: Quiz) -> bool:
    """Whether an opened quiz's rows still have the hash that was taken when it opened."""
    questions = quiz.questions.select_related("micrograph", "truth")
    answers = ModelAnswer.objects.filter(question__quiz=quiz).select_related("question")
    return frozen_sha256(quiz, questions, answers) == quiz.frozen_sha256


def frozen_sha256(quiz: Quiz, questions: Iterable[Question], answers: Iterable[ModelAnswer]) -> str:
    """SHA-256 of questions, truth and the models' answers, as JSON with sorted keys."""
    document = {
        "quiz": quiz.slug,
        "questions": [
            {
                "key": str(question.key),
                "micrograph_sha256": question.micrograph.sha256,
                "pixels_per_micrometre": question.pixels_per_micrometre,
                "truth": question.truth_label,
            }
            for question in questions
        ],
        "answers": sorted(
            [
                str(answer.question.key),
                answer.model_version_id,
                answer.predicted,
                answer.none_of_these,
                json.dumps(answer.probabilities, sort_keys=True),
            ]
            for answer in answers
        ),
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def named(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - NAMED_AT_MOST
    shown = ", ".join(names[:NAMED_AT_MOST])
    return shown if more <= 0 else shown + _(" and %d more") % more
