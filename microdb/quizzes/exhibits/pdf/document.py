"""The PDF from its first page to its last."""

from collections.abc import Iterator

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from reportlab.platypus import Flowable, KeepTogether, PageBreak, Spacer, Table

from microdb.pdf import HEADING, LEAD, NOTE, SMALL, TITLE, WIDTH, pdf_document, text
from microdb.quizzes.exhibits.catalogue import exhibits
from microdb.quizzes.exhibits.exhibit import Exhibit
from microdb.quizzes.exhibits.pdf.charts import accuracy_chart
from microdb.quizzes.exhibits.pdf.method import REFERENCES, citation, method_paragraph
from microdb.quizzes.exhibits.pdf.pictures import thumbnails, with_map
from microdb.quizzes.exhibits.pdf.tables import OPTIONS_AT_MOST, exhibit_table, overview
from microdb.quizzes.models import Quiz
from microdb.quizzes.reports import QuestionResult, Report
from microdb.quizzes.reports.cautions import cautions
from microdb.quizzes.reports.headlines import headline

LEFT_OUT = ("questions", "deferral", "pace")
"""Exhibits that are charts rather than tables, or are in the overview of the questions."""


def report_pdf(quiz: Quiz, report: Report) -> bytes:
    """For those who may see the truth of the questions."""
    return pdf_document(
        _story(quiz, report),
        title=report.title,
        subject=citation(report),
        footer=f"SHA-256 {report.frozen_sha256}",
    )


def _story(quiz: Quiz, report: Report) -> Iterator[Flowable]:
    yield text(report.title, TITLE)
    yield text(citation(report), SMALL)
    for sentence in headline(report):
        yield text(sentence, LEAD)
    for caution in cautions(report, sees_truth=True):
        yield text(caution)
    if report.includes_simulated:
        yield text(_("Some of these readers are simulated: they were made up for demonstration."))
    if not report.intact:
        yield text(_("Something was changed after the quiz opened: the database no longer matches the hash."), LEAD)
    yield text(_("Method"), HEADING)
    yield text(method_paragraph(quiz, report))
    yield from _declared(quiz)
    for number, reference in enumerate(REFERENCES, start=1):
        yield text(f"[{number}] {reference}", SMALL)
    yield from _figure_of_accuracy(report)
    yield from _figure_of_maps(quiz, report)
    for exhibit in exhibits(report, sees_truth=True):
        if exhibit.name not in LEFT_OUT:
            yield from _table(exhibit)
    yield from _overviews(quiz, report)


def _declared(quiz: Quiz) -> Iterator[Flowable]:
    """The analysis plan, and what organisers did after the opening, with their reasons."""
    if quiz.analysis_plan:
        yield text(_("Analysis plan, written before any answer: %s") % quiz.analysis_plan)
    for event in quiz.events.of_results():
        yield text(f"{event.at:%Y-%m-%d}: {event.get_kind_display()}. {event.reason}")


def _figure_of_accuracy(report: Report) -> Iterator[Flowable]:
    note = _("Accuracy with 95 % intervals. The numbers in the bars are participants.")
    yield KeepTogether([text(_("Right answers"), HEADING), accuracy_chart(report), text(note, SMALL)])


def _figure_of_maps(quiz: Quiz, report: Report) -> Iterator[Flowable]:
    """For each model one question that the experts know and the model does not, and one the other way round."""
    for place, model in enumerate(report.models):
        for experts_right, title in (
            (True, _("At least half of the experts right, %s wrong")),
            (False, _("%s right, most experts wrong")),
        ):
            found = _clearest(report, place, experts_right=experts_right)
            if found is None:
                continue
            picture, saliency = with_map(quiz, found.number, model.model_version)
            row = [picture, saliency or ""]
            note = _("Question %(number)d: %(truth)s. Experts right: %(share).0f %%. The model said %(answer)s.") % {
                "number": found.number,
                "truth": found.truth,
                "share": 100 * (found.expert_share or 0),
                "answer": found.models[place].predicted,
            }
            yield KeepTogether([text(title % model.label, HEADING), Table([row], hAlign="LEFT"), text(note, SMALL)])


def _clearest(report: Report, place: int, *, experts_right: bool) -> QuestionResult | None:
    """The question on which experts and the model differ most, None where they do not differ."""
    found = [
        (question.expert_share if experts_right else 1 - question.expert_share, question)
        for question in report.questions
        if question.expert_share is not None
        and question.experts_know == experts_right
        and question.models[place].right != experts_right
    ]
    return max(found, key=lambda pair: (pair[0], -pair[1].number))[1] if found else None


def _table(exhibit: Exhibit) -> Iterator[Flowable]:
    yield text(capfirst(exhibit.title), HEADING)
    yield text(exhibit.note, NOTE)
    for remark in exhibit.remarks:
        yield text(remark, NOTE)
    if len(exhibit.columns) > OPTIONS_AT_MOST + 1 and exhibit.tells_truth:
        yield text(_("The table has %d columns and is in the CSV file of the results page.") % len(exhibit.columns))
    else:
        yield exhibit_table(exhibit, WIDTH)
    yield Spacer(1, 6)


def _overviews(quiz: Quiz, report: Report) -> Iterator[Flowable]:
    note = _("Probability of the model | share of the experts' votes. The truth is bold and marked *.")
    if len(report.options) >= OPTIONS_AT_MOST:
        note = _("The options with the highest probability of the model, and with the most votes of the experts.")
    pictures = thumbnails(quiz)
    for place, model in enumerate(report.models):
        yield PageBreak()
        yield text(_("All questions: %s and the experts") % model.label, HEADING)
        yield text(note, NOTE)
        yield overview(report, place, pictures, WIDTH)
