"""What a quiz may ask, show and set; everything else is refused in a sentence."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Micrograph
from microdb.quizzes.composition.leakage import leaks, named, near_duplicates_of
from microdb.quizzes.models import Quiz, TruthsShown
from microdb.training.models import ModelVersion

QUESTIONS_AT_MOST = 500
TIME_LIMIT_AT_MOST = 24 * 60


def check_composition(
    dataset: Dataset, asked: Sequence[Micrograph], versions: Sequence[ModelVersion], *, offers_none_of_these: bool
) -> None:
    """Raise MicroDBError unless questions and competitors are of the dataset and ready."""
    if not 1 <= len(asked) <= QUESTIONS_AT_MOST:
        raise MicroDBError(
            _("A quiz asks 1 to %(most)d questions; %(given)d micrographs were chosen.")
            % {"most": QUESTIONS_AT_MOST, "given": len(asked)},
            code="no_questions",
        )
    if not versions or any(v.state != Job.State.DONE or v.dataset_id != dataset.pk for v in versions):
        raise MicroDBError(
            _("A quiz needs at least one competing model version of this dataset whose training is done."),
            code="no_competitor",
        )
    check_micrographs(dataset, asked, offers_none_of_these=offers_none_of_these)


def check_micrographs(dataset: Dataset, asked: Sequence[Micrograph], *, offers_none_of_these: bool) -> None:
    """Raise MicroDBError unless every micrograph is of the dataset, readable, labelled and has a scale."""
    problems = {
        _("not in this dataset or not readable"): [m for m in asked if not is_there(m, dataset)],
        _("without a label"): [m for m in asked if not m.label],
        _("without a scale"): [m for m in asked if m.needs_scale],
    }
    if not offers_none_of_these:
        problems[_("None of these, which this quiz does not offer")] = [m for m in asked if m.none_of_these]
    for problem, micrographs in problems.items():
        if micrographs:
            raise MicroDBError(
                _("These can't be asked, being %(problem)s: %(names)s. Mend them or leave them out.")
                % {"problem": problem, "names": named([m.filename for m in micrographs])},
                code="bad_question",
            )


def refuse_leaks(asked: Iterable[Micrograph], versions: Iterable[ModelVersion]) -> None:
    """Raise MicroDBError where a question leaks to a competitor."""
    if found := leaks(asked, versions):
        raise MicroDBError(" ".join(found), code="leak")


def check_settings(quiz: Quiz) -> None:
    """Raise MicroDBError for settings that are out of range or contradict each other."""
    percent = quiz.completeness_percent
    if not 1 <= percent <= 100:
        raise MicroDBError(
            _("Choose from 1 to 100 per cent of the questions that a sitting must answer; %d was given.") % percent,
            code="bad_completeness",
        )
    if quiz.truths_shown not in TruthsShown.values:
        raise MicroDBError(
            _("Choose whether readers see the truth after a complete sitting, when the quiz closes, or never."),
            code="bad_truths_shown",
        )
    if quiz.teaching and quiz.truths_shown != TruthsShown.AFTER_SITTING:
        raise MicroDBError(
            _("A quiz that shows the truth after each answer can't keep it back; choose “after a complete sitting”."),
            code="bad_truths_shown",
        )
    _check_times(quiz)


def _check_times(quiz: Quiz) -> None:
    """Raise MicroDBError for a closing time that is too early, or a time limit out of range."""
    now = timezone.now()
    if quiz.closes_at and quiz.closes_at <= max(now, quiz.opens_at or now):
        raise MicroDBError(
            _("A quiz closes after it opens, and not in the past; choose a later closing time."), code="bad_times"
        )
    minutes = quiz.time_limit_minutes
    if minutes is not None and not 1 <= minutes <= TIME_LIMIT_AT_MOST:
        raise MicroDBError(
            _("A time limit goes from 1 to %(most)d minutes; %(given)d was given. Leave it empty for none.")
            % {"most": TIME_LIMIT_AT_MOST, "given": minutes},
            code="bad_time_limit",
        )


def check_exemplars(dataset: Dataset, shown: Sequence[Micrograph], asked: Sequence[Micrograph]) -> None:
    """Raise MicroDBError for an exemplar without class or related to a question."""
    keys, specimens = {m.pk for m in asked}, {m.specimen for m in asked if m.specimen}
    related = keys.union(*near_duplicates_of(keys).values())
    problems = {
        _("not in this dataset or not readable"): [m for m in shown if not is_there(m, dataset)],
        _("without a class"): [m for m in shown if m.material_class_id is None],
        _("asked about in the quiz, of such a specimen, or a near-duplicate"): [
            m for m in shown if m.pk in related or m.specimen in specimens
        ],
    }
    for problem, micrographs in problems.items():
        if micrographs:
            raise MicroDBError(
                _("These can't be examples, being %(problem)s: %(names)s. Choose others.")
                % {"problem": problem, "names": named([m.filename for m in micrographs])},
                code="bad_exemplar",
            )


def can_be_asked(micrograph: Micrograph, dataset: Dataset, *, offers_none_of_these: bool) -> bool:
    """Whether ``check_micrographs`` accepts it."""
    known = bool(micrograph.label) and not micrograph.needs_scale
    return is_there(micrograph, dataset) and known and (offers_none_of_these or not micrograph.none_of_these)


def is_there(micrograph: Micrograph, dataset: Dataset) -> bool:
    """Whether it is a readable micrograph of the dataset, outside the trash."""
    ready = micrograph.state == Micrograph.State.READY and micrograph.trashed_at is None
    return ready and micrograph.dataset_id == dataset.pk
