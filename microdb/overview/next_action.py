"""The one thing that a person should do next in a dataset, by their role and how far the dataset is."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microdb.micrographs.access import Abilities
from microdb.overview.facts import Facts
from microdb.overview.steps import enough_classes, is_trained, needs_labels, needs_quiz_split, needs_scale


@dataclass(frozen=True)
class Action:
    """A button with a sentence. It is a link, or sends a form where there is ``form``: its hidden fields."""

    button: str
    sentence: str
    url: str
    step: str = ""
    form: dict[str, str] | None = None


def next_action(facts: Facts, may: Abilities) -> Action:
    """Never none: who has nothing to do can still look."""
    rules = _OF_CURATORS if may.curate else _OF_LABELLERS if may.label else _OF_VIEWERS
    return next(action for rule in rules if (action := rule(facts)))


def _page(name: str, facts: Facts, query: str = "") -> str:
    return reverse(name, args=[facts.dataset.slug]) + query


def _upload(facts: Facts) -> Action | None:
    if facts.micrographs.total > facts.micrographs.refused:
        return None
    sentence = _("Drop files, a folder or a zip. You see what will be stored before anything is sent.")
    return Action(_("Upload micrographs"), sentence, _page("micrographs:upload", facts), "upload")


def _wait(facts: Facts) -> Action | None:
    """Nothing is ready, or all that is ready is labelled and too little."""
    own = facts.micrographs
    if own.ready and not (own.reading and needs_labels(facts) and not own.unlabelled):
        return None
    sentence = _("The files are being read. This page goes on by itself.")
    return Action(_("Watch them arrive"), sentence, _page("micrographs:gallery", facts, "?sort=newest"), "upload")


def _add_classes(facts: Facts) -> Action | None:
    if enough_classes(facts):
        return None
    sentence = _("A model needs at least two material classes.")
    return Action(_("Add classes"), sentence, _page("micrographs:settings", facts, "#classes"), "label")


def _give_scale(facts: Facts) -> Action | None:
    missing = facts.micrographs.without_scale
    if not needs_scale(facts):
        return None
    button = ngettext("Set the scale of %d micrograph", "Set the scale of %d micrographs", missing) % missing
    sentence = _("Without a scale, a micrograph is neither trained on nor scored.")
    return Action(button, sentence, _page("micrographs:gallery", facts, "?missing_scale=1"), "scale")


def _label(facts: Facts) -> Action | None:
    missing = facts.micrographs.unlabelled
    if not (needs_labels(facts) and missing):
        return None
    button = ngettext("Label %d micrograph", "Label %d micrographs", missing) % missing
    sentence = " ".join(problem.sentence for problem in facts.preflight.problems[:1])
    sentence = sentence or _("One key for each. With more labels, the model gets more right.")
    return Action(button, sentence, _page("micrographs:labelling", facts), "label")


def _add_more(facts: Facts) -> Action | None:
    """Everything is labelled, and still a class has too few."""
    if not needs_labels(facts):
        return None
    sentence = " ".join(problem.sentence for problem in facts.preflight.problems)
    return Action(_("Upload more micrographs"), sentence, _page("micrographs:upload", facts), "label")


def _watch_training(facts: Facts) -> Action | None:
    version = facts.models.training
    if version is None or is_trained(facts):
        return None
    url = reverse("training:model_version", args=[facts.dataset.slug, version.number])
    return Action(_("Watch the training"), _("You can also leave: it goes on without you."), url, "train")


def _train(facts: Facts) -> Action | None:
    if is_trained(facts):
        return None
    if facts.micrographs.train or facts.micrographs.quiz:
        sentence = _("It takes a few minutes. What is in split “quiz” is not trained on.")
    else:
        sentence = _("A quarter of each class is first set aside for the quiz, whole specimens at a time.")
    form = {"seed": "0", "with_unsplit": "on", "hold_out": "on"}
    return Action(_("Train the model"), sentence, _page("training:model_version_create", facts), "train", form)


def _split(facts: Facts) -> Action | None:
    if not needs_quiz_split(facts):
        return None
    sentence = _("A quiz asks about micrographs that no model was trained on. Set some aside, then train again.")
    return Action(_("Set micrographs aside"), sentence, _page("micrographs:split", facts), "split")


def _open_quiz(facts: Facts) -> Action | None:
    draft = facts.quizzes.draft
    if draft is None or facts.quizzes.opened:
        return None
    sentence = _("Check the draft, then let your readers in.")
    url = reverse("quizzes:quiz", args=[draft.slug])
    return Action(_("Open “%s”") % draft.title, sentence, url, "quiz")


def _make_quiz(facts: Facts) -> Action | None:
    if facts.quizzes.opened:
        return None
    sentence = _("People and the model classify the same micrographs, and you see who is better, and by how much.")
    return Action(_("Make a quiz"), sentence, _page("quizzes:quiz_draft", facts), "quiz", {})


def _share_quiz(facts: Facts) -> Action | None:
    opened = facts.quizzes.opened
    if opened is None or not facts.quizzes.open:
        return None
    sentence = _("“%s” is open. Send its link to your readers.") % opened.title
    return Action(_("Get the link"), sentence, reverse("quizzes:quiz", args=[opened.slug]), "quiz")


def _score(facts: Facts) -> Action | None:
    sentence = _("The model is ready: drop new micrographs, and it says what they are.")
    return Action(_("Score micrographs"), sentence, _page("scoring:score_list", facts))


def _take_quiz(facts: Facts) -> Action | None:
    quiz = facts.quizzes.to_take
    if quiz is None:
        return None
    sentence = _("“%s” is open. You and the model answer the same questions.") % quiz.title
    return Action(_("Take the quiz"), sentence, reverse("quizzes:quiz_take", args=[quiz.slug]), "quiz")


def _see_scores(facts: Facts) -> Action | None:
    if not is_trained(facts):
        return None
    return Action(
        _("See the scores"), _("What the model says about each micrograph."), _page("scoring:score_list", facts)
    )


def _look(facts: Facts) -> Action | None:
    return Action(_("Look at the micrographs"), _("You can look and export."), _page("micrographs:gallery", facts))


_OF_VIEWERS: list[Callable[[Facts], Action | None]] = [_take_quiz, _see_scores, _look]
_OF_LABELLERS: list[Callable[[Facts], Action | None]] = [_label, *_OF_VIEWERS]
_OF_CURATORS: list[Callable[[Facts], Action | None]] = [
    _upload,
    _wait,
    _add_classes,
    _give_scale,
    _label,
    _add_more,
    _watch_training,
    _train,
    _open_quiz,
    _split,
    _make_quiz,
    _share_quiz,
    _score,
]
