"""What a quiz can't show, whatever its numbers are, in a sentence each."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
            found.append(_("There is one reader among the %s, so the quiz says nothing about others.") % panel.label)
        elif panel.readers < FEW_READERS:
            found.append(
                _("%(readers)d %(panel)s are few: the interval is wide because nobody knows how much others differ.")
                % {"readers": panel.readers, "panel": panel.label}
            )
    return found


def _of_questions(report: Report, *, sees_truth: bool) -> list[str]:
    found = []
    if report.question_count < FEW_QUESTIONS:
        few = ngettext(
            "With %d question, one answer decides everything.",
            "%d questions are few: each counts for several points.",
            report.question_count,
        )
        found.append(few % report.question_count)
    truths = {question.truth for question in report.questions}
    if sees_truth and len(truths) == 1:
        found.append(
            _("Every question shows %s: agreement beyond chance and confusions say nothing here.") % truths.pop()
        )
    return found


def _of_answers(report: Report) -> list[str]:
    found = []
    accuracies = {_("the %s") % panel.label: panel.accuracy for panel in report.panels}
    accuracies |= {model.label: model.accuracy for model in report.models}
    for who, accuracy in accuracies.items():
        if accuracy == 1:
            found.append(_("All answers of %s are right: the quiz was too easy for a measurement.") % who)
        elif accuracy == 0:
            found.append(_("No answer of %s is right: check the labels and the options.") % who)
    return found
