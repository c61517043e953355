"""What a quiz can't show, whatever its numbers are, in a sentence each."""

from django.utils.translation import gettext as _

from microdb.quizzes.reports.inference import ModelResult, PanelResult
from microdb.quizzes.reports.report import Report

FEW_READERS = 5
FEW_QUESTIONS = 20


def cautions(report: Report, *, sees_truth: bool) -> list[str]:
    """Those that hold; what tells of the questions' truth only for those who may see it."""
    return [*_of_readers(report), *_of_questions(report, sees_truth=sees_truth), *_of_answers(report)]


def _of_readers(report: Report) -> list[str]:
    if not report.panels:
        return [_("No reader counts, so no person is compared with the models.")]
    found = []
    for panel in report.panels:
        if panel.readers == 1:
            found.append(_("There is one reader among the %s: nothing can be said of others.") % panel.label)
        elif panel.readers < FEW_READERS:
            found.append(
                _("%(readers)d %(panel)s are few: the interval is wide because nobody knows how much others differ.")
                % {"readers": panel.readers, "panel": panel.label}
            )
    return found


def _of_questions(report: Report, *, sees_truth: bool) -> list[str]:
    found = []
    if report.question_count < FEW_QUESTIONS:
        found.append(_("%d questions are few: each counts for several points.") % report.question_count)
    truths = {question.truth for question in report.questions}
    if sees_truth and len(truths) == 1:
        found.append(
            _("Every question shows %s: agreement beyond chance and confusions say nothing here.") % truths.pop()
        )
    return found


def _of_answers(report: Report) -> list[str]:
    found = []
    raters: list[PanelResult | ModelResult] = [*report.panels, *report.models]
    for rater in raters:
        if rater.accuracy == 1:
            found.append(_("All answers of the %s are right: the quiz was too easy to measure them.") % rater.label)
        elif rater.accuracy == 0:
            found.append(_("No answer of the %s is right: check the labels and the options.") % rater.label)
    return found
