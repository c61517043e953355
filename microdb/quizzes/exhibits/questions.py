"""Exhibits of single questions and classes, only for those who may see the truth."""

from django.utils.text import slugify
from django.utils.translation import gettext as _

from microdb.quizzes.exhibits import figures
from microdb.quizzes.exhibits.exhibit import Cell, Column, Exhibit
from microdb.quizzes.reports import Confusion, QuestionResult, Report


def confusion_exhibit(confusion: Confusion, report: Report) -> Exhibit:
    return Exhibit(
        name=f"confusion-{slugify(confusion.label)}",
        title=_("Answers by truth: %(who)s") % {"who": confusion.label},
        note=_("One row per true class, one column per answer."),
        columns=[Column(_("Truth")), *[Column(answer, "count") for answer in confusion.answers]],
        rows=[[truth, *row] for truth, row in zip(report.options, confusion.counts, strict=True)],
        figure=figures.confusion_figure(confusion, report.options),
        tells_truth=True,
    )


def questions_exhibit(report: Report) -> Exhibit:
    labels = [vote.label for vote in report.questions[0].votes]
    columns = [Column(_("Question"), "count"), Column(_("Micrograph")), Column(_("Truth"))]
    columns += [Column(_("experts: %s") % label, "count") for label in labels]
    columns += [Column(_("non-experts: %s") % label, "count") for label in labels]
    for model in report.models:
        columns += [Column(f"{model.label}: {label}", "share") for label in report.options]
        columns.append(Column(_("%s says") % model.label))
    return Exhibit(
        name="questions",
        title=_("Question by question"),
        note=_(
            "The bars show the experts' right answers on each question, the hardest first. Marks above them show which "
            "models are wrong."
        ),
        columns=columns,
        rows=[_question_row(question, len(report.options)) for question in report.questions],
        figure=figures.difficulty_figure(report.questions),
        tells_truth=True,
    )


def _question_row(question: QuestionResult, options: int) -> list[Cell]:
    row: list[Cell] = [question.number, question.filename, question.truth]
    row += [vote.experts for vote in question.votes]
    row += [vote.non_experts for vote in question.votes]
    for place, model in enumerate(question.models):
        row += [vote.probabilities[place] for vote in question.votes[:options]]
        row.append(model.predicted)
    return row
