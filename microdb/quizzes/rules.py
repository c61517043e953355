"""What a quiz and its ballots accept; everything else is refused in a sentence."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from microdb.accounts.models import Panel
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import NONE_OF_THESE, Dataset, Micrograph
from microdb.quizzes.models import UNSURE, Quiz
from microdb.quizzes.opening import leaks, named
from microdb.training.models import ModelVersion

NICKNAME_LENGTH = 50
YEARS_AT_MOST = 80
QUESTIONS_AT_MOST = 500


def check_composition(
    dataset: Dataset, asked: Sequence[Micrograph], versions: Sequence[ModelVersion], *, offers_none_of_these: bool
) -> None:
    """Questions that can be asked, competitors that can answer, all of one dataset."""
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
    """Every micrograph is of the dataset, readable, labelled and has its scale."""
    problems = {
        _("not in this dataset or not readable"): [m for m in asked if not _is_there(m, dataset)],
        _("without a label"): [m for m in asked if not m.label],
        _("without a scale"): [m for m in asked if m.needs_scale],
    }
    if not offers_none_of_these:
        problems[_("none of these, which this quiz does not offer")] = [m for m in asked if m.none_of_these]
    for problem, micrographs in problems.items():
        if micrographs:
            raise MicroDBError(
                _("These can't be asked, being %(problem)s: %(names)s. Mend them or leave them out.")
                % {"problem": problem, "names": named([m.filename for m in micrographs])},
                code="bad_question",
            )


def refuse_leaks(asked: Iterable[Micrograph], versions: Iterable[ModelVersion]) -> None:
    """A competitor that was trained on a question or its specimen voids the quiz."""
    if found := leaks(asked, versions):
        raise MicroDBError(" ".join(found), code="leak")


def check_takes_answers(quiz: Quiz) -> None:
    if quiz.opened_at is None:
        raise MicroDBError(_("This quiz is not open yet. Ask whoever sent you the link."), code="quiz_not_open")
    if quiz.closed_at:
        raise MicroDBError(_("This quiz is closed: it takes no more answers."), code="quiz_closed")


def clean_nickname(nickname: str) -> str:
    """Without control characters and runs of blanks."""
    name = " ".join("".join(c if c.isprintable() else " " for c in nickname).split())
    if not 1 <= len(name) <= NICKNAME_LENGTH:
        raise MicroDBError(
            _("A nickname has 1 to %(most)d characters; %(given)d were given. Choose another one.")
            % {"most": NICKNAME_LENGTH, "given": len(name)},
            code="bad_nickname",
        )
    return name


def check_reader(panel: str, years_of_experience: int | None) -> None:
    if panel not in Panel.values:
        raise MicroDBError(_("Say whether you are an expert or a non-expert."), code="bad_panel")
    if years_of_experience is not None and not 0 <= years_of_experience <= YEARS_AT_MOST:
        raise MicroDBError(
            _("Years of experience go from 0 to %(most)d; %(given)d was given.")
            % {"most": YEARS_AT_MOST, "given": years_of_experience},
            code="bad_years",
        )


def chosen_fields(quiz: Quiz, choice: str) -> dict[str, Any]:
    """An answer's three fields for a choice: a class's primary key, ``none-of-these`` or ``unsure``."""
    fields: dict[str, Any] = {"material_class": None, "none_of_these": False, "unsure": False}
    if choice == UNSURE:
        return fields | {"unsure": True}
    if choice == NONE_OF_THESE and quiz.offers_none_of_these:
        return fields | {"none_of_these": True}
    classes = {str(c.pk): c for c in quiz.dataset.material_classes.all()}
    if choice not in classes:
        raise MicroDBError(
            _("This is not one of the quiz's options. Choose one of the buttons; reload the page if it is old."),
            code="unknown_option",
        )
    return fields | {"material_class": classes[choice]}


def _is_there(micrograph: Micrograph, dataset: Dataset) -> bool:
    ready = micrograph.state == Micrograph.State.READY and micrograph.trashed_at is None
    return ready and micrograph.dataset_id == dataset.pk
