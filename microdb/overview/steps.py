"""The six steps from micrographs to a quiz: how far each is, and what stands in the way of the next."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from microdb.micrographs.access import Abilities
from microdb.overview.facts import Facts

ENOUGH = 10
"""Labelled micrographs of each class, from which on a model can be trained before all others are labelled."""


class State(TextChoices):
    """How far a step is. ``OPEN``: something is left to do, but nothing waits for it."""

    DONE = "done", gettext_lazy("done")
    RUNNING = "running", gettext_lazy("under way")
    NEEDED = "needed", gettext_lazy("to do")
    OPEN = "open", gettext_lazy("more to do")


@dataclass(frozen=True)
class Step:
    """``count`` is its main number and ``unit`` what it counts; ``url`` leads to a page that the person may see."""

    key: str
    title: str
    count: str
    unit: str
    remark: str
    state: State
    url: str


def steps_of(facts: Facts, may: Abilities) -> list[Step]:
    """In their order."""
    return list(_steps(facts, may))


def _steps(facts: Facts, may: Abilities) -> Iterator[Step]:
    slug, own = facts.dataset.slug, facts.micrographs
    gallery = reverse("micrographs:gallery", args=[slug])
    yield Step(
        "upload",
        _("Upload"),
        _number(own.total),
        ngettext("micrograph", "micrographs", own.total),
        _uploads_remark(facts),
        State.RUNNING if own.reading else State.DONE if own.ready else State.NEEDED,
        reverse("micrographs:upload", args=[slug]) if may.curate else gallery,
    )
    yield Step(
        "scale",
        _("Scale"),
        _of(own.with_scale, own.ready),
        _("not needed: the dataset is scale-free") if facts.dataset.scale_free else _("have a scale"),
        _("%s without") % _number(own.without_scale) if own.without_scale else "",
        _state(done=own.ready > 0 and not own.without_scale, needed=needs_scale(facts)),
        f"{gallery}?missing_scale=1" if own.without_scale else gallery,
    )
    yield Step(
        "split",
        _("Split"),
        f"{_number(own.train)} + {_number(own.quiz)}",
        _("train + quiz"),
        _("%s in neither") % _number(own.unsplit) if own.unsplit else "",
        _state(done=bool(own.train and own.quiz), needed=needs_quiz_split(facts)),
        reverse("micrographs:split" if may.curate else "micrographs:quality_report", args=[slug]),
    )
    yield Step(
        "label",
        _("Label"),
        _of(own.labelled, own.ready),
        ngettext("labelled, %d class", "labelled, %d classes", len(facts.preflight.classes))
        % len(facts.preflight.classes),
        _("%s without a label") % _number(own.unlabelled) if own.unlabelled else "",
        _state(done=own.ready > 0 and not own.unlabelled and enough_classes(facts), needed=needs_labels(facts)),
        reverse("micrographs:labelling", args=[slug]) if may.label else f"{gallery}?label=unlabelled",
    )
    yield _training_step(facts)
    yield _quiz_step(facts)


def _training_step(facts: Facts) -> Step:
    models = facts.models
    active = models.active
    return Step(
        "train",
        _("Train"),
        _number(models.trained),
        ngettext("trained version", "trained versions", models.trained),
        _("version %d scores") % active.number if active else "",
        State.RUNNING if models.training else _state(done=active is not None, needed=True),
        reverse("training:model_version_list", args=[facts.dataset.slug]),
    )


def _quiz_step(facts: Facts) -> Step:
    quizzes = facts.quizzes
    counts = [
        (quizzes.open, _("%d open") % quizzes.open),
        (quizzes.drafts, ngettext("%d draft", "%d drafts", quizzes.drafts) % quizzes.drafts),
    ]
    held = quizzes.open + quizzes.closed
    return Step(
        "quiz",
        _("Quiz"),
        _number(held),
        ngettext("quiz held", "quizzes held", held),
        ", ".join(text for count, text in counts if count),
        State.RUNNING if quizzes.open else _state(done=held > 0, needed=True),
        reverse("quizzes:dataset_quizzes", args=[facts.dataset.slug]),
    )


def is_trained(facts: Facts) -> bool:
    return facts.models.active is not None


def enough_classes(facts: Facts) -> bool:
    """A model tells at least two apart."""
    return len(facts.preflight.classes) >= 2


def needs_scale(facts: Facts) -> bool:
    """Once a model is trained, those that are left out are the organiser's choice."""
    return facts.micrographs.without_scale > 0 and not is_trained(facts)


def needs_labels(facts: Facts) -> bool:
    """Whether training waits for labels: a class has too few, or few and others could still be labelled."""
    if is_trained(facts) or not facts.micrographs.ready:
        return False
    if facts.preflight.problems:
        return True
    fewest = min(row.usable for row in facts.preflight.classes)
    return facts.micrographs.unlabelled > 0 and fewest < ENOUGH


def needs_quiz_split(facts: Facts) -> bool:
    """Training puts micrographs aside by itself where nothing is split; later somebody has to."""
    return is_trained(facts) and not facts.micrographs.quiz and not facts.quizzes.opened


def _state(*, done: bool, needed: bool) -> State:
    return State.DONE if done else State.NEEDED if needed else State.OPEN


def _number(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)


def _of(part: int, whole: int) -> str:
    return _("%(part)s of %(whole)s") % {"part": _number(part), "whole": _number(whole)}


def _uploads_remark(facts: Facts) -> str:
    own = facts.micrographs
    counts = [
        (own.reading, _("%s being read") % _number(own.reading)),
        (own.refused, _("%s refused") % _number(own.refused)),
    ]
    return ", ".join(text for count, text in counts if count)
