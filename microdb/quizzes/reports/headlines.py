"""The results in sentences, each with its test."""

from django.utils.translation import gettext as _

from microdb.quizzes.reports.report import Comparison, ModelResult, PanelResult, Report

SIGNIFICANT = 0.05


def headline(report: Report) -> list[str]:
    """A sentence for each model and panel: their accuracies, and whether the difference could be chance."""
    panels = {panel.panel: panel for panel in report.panels}
    sentences = []
    for model in report.models:
        start = _model_start(model)
        against = [comparison for comparison in report.comparisons if comparison.model_version == model.model_version]
        if not against:
            sentences.append(start + _("; nobody has submitted answers yet, so there is nothing to compare it with."))
        sentences += [f"{start}, {_against(comparison, panels[comparison.panel])}" for comparison in against]
    return sentences


def p_text(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def _model_start(model: ModelResult) -> str:
    return _("%(model)s was right on %(right)d of %(of)d (%(share).0f %%)") % {
        "model": model.label,
        "right": model.right,
        "of": model.answered,
        "share": 100 * model.accuracy,
    }


def _against(comparison: Comparison, panel: PanelResult) -> str:
    conclusion = _("this quiz does not show a difference.")
    if comparison.corrected_p < SIGNIFICANT:
        conclusion = _("the model was better.") if comparison.difference > 0 else _("the people were better.")
    if panel.readers == 1:
        conclusion += " " + _("One reader does not speak for others.")
    return _("the %(panel)s (%(readers)d) on %(share).0f %% on average; %(p)s: %(conclusion)s") % {
        "panel": panel.label,
        "readers": panel.readers,
        "share": 100 * panel.accuracy,
        "p": p_text(comparison.corrected_p),
        "conclusion": conclusion,
    }
