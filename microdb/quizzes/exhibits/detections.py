"""The exhibit of none of these: who recognises that a micrograph shows none of the classes."""

from django.utils.translation import gettext as _

from microdb.quizzes.exhibits.exhibit import Cell, Column, Exhibit, ends, interval_columns
from microdb.quizzes.exhibits.inference_figures import roc_figure
from microdb.quizzes.reports import Detection, Report


def detection_exhibit(report: Report) -> Exhibit:
    return Exhibit(
        name="none-of-these",
        title=_("Recognising None of these"),
        note=_(
            "Sensitivity is the share of the micrographs of no class that were called None of these, specificity the "
            "share of the others that were not. The area under the curve is that of a model's probability, or of a "
            "panel's share of votes; 0.5 is chance. The 95 % intervals of panels are over readers and questions, those "
            "of areas by Newcombe's method."
        ),
        columns=[
            Column(_("Who")),
            Column(_("Sensitivity"), "share"),
            *interval_columns(_("95 %")),
            Column(_("Specificity"), "share"),
            *interval_columns(_("95 % (specificity)")),
            Column(_("Area under the curve"), "number"),
            *interval_columns(_("95 % (area)"), "number"),
        ],
        rows=[_row(one) for one in report.detections],
        figure=roc_figure(report.detections),
        tells_truth=True,
    )


def _row(one: Detection) -> list[Cell]:
    return [
        one.label,
        one.sensitivity,
        *ends(one.sensitivity_interval),
        one.specificity,
        *ends(one.specificity_interval),
        one.roc.area if one.roc else None,
        *ends(one.roc.interval if one.roc else None),
    ]
