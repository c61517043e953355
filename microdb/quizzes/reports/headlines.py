"""The results in sentences, each with the difference, its interval and its test."""

from django.utils.translation import gettext as _

from microdb.quizzes.reports.inference import Comparison, ModelResult, PanelResult
from microdb.quizzes.reports.report import Report
from microdb.statistics import SIGNIFICANT, Interval, Verdict


def headline(report: Report) -> list[str]:
    """For each model and panel: their accuracies, the difference with its interval and p, and what that shows."""
    panels = {panel.panel: panel for panel in report.panels}
    models = {model.model_version: model for model in report.models}
    if not report.comparisons:
        nobody = _("; no reader counts, so there is nothing to compare it with.")
        return [_model_start(model) + nobody for model in report.models]
    several = len(report.comparisons) > 1
    return [
        _sentence(models[comparison.model_version], panels[comparison.panel], comparison, several=several)
        for comparison in report.comparisons
    ]


def p_text(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def points_text(share: float) -> str:
    """0.08 -> +8, -0.004 -> 0: percentage points with a sign."""
    return f"{round(100 * share):+d}" if round(100 * share) else "0"


def interval_text(interval: Interval) -> str:
    return _("95 %% interval %(low)s to %(high)s") % {
        "low": points_text(interval.low),
        "high": points_text(interval.high),
    }


def _sentence(model: ModelResult, panel: PanelResult, found: Comparison, *, several: bool) -> str:
    parts = _("%(start)s, the %(panel)s (%(readers)d) on %(share).0f %% on average%(shared)s: a difference of ") % {
        "start": _model_start(model),
        "panel": panel.label,
        "readers": panel.readers,
        "share": 100 * found.panel_accuracy,
        "shared": _on_shared(model, found),
    }
    parts += _("%(points)s points (%(interval)s; %(p)s).") % {
        "points": points_text(found.difference),
        "interval": interval_text(found.interval),
        "p": _p_of(found, several=several),
    }
    sentences = [parts, conclusion(found)]
    if panel.readers == 1:
        sentences.append(_("One reader does not speak for others: the interval is for this reader alone."))
    return " ".join(sentences)


def conclusion(found: Comparison) -> str:
    """What a comparison shows; never that there is no difference."""
    texts = {
        Verdict.SUPERIOR: _("The model was better."),
        Verdict.INFERIOR: _("The people were better."),
        Verdict.NON_INFERIOR: _("The model is not worse by the declared margin of %(margin)g points or more."),
        Verdict.NOTHING: _("This quiz does not show a difference: the true one may lie anywhere in the interval."),
    }
    text = texts[Verdict(found.verdict)]
    if found.verdict == Verdict.NOTHING and found.p < SIGNIFICANT:
        text = _("Alone this would show a difference, but among all these comparisons it can be chance.")
    if found.margin is None:
        return text
    margin = {"margin": round(100 * found.margin, 1)}
    if found.verdict == Verdict.SUPERIOR and found.interval.low > found.margin:
        text = _("The model was better, by more than the declared margin of %(margin)g points.")
    if found.verdict in (Verdict.INFERIOR, Verdict.NOTHING):
        text += " " + _("It does not show either that the model is less than %(margin)g points worse.")
    return text % margin


def _p_of(found: Comparison, *, several: bool) -> str:
    if found.primary:
        return _("%s, the comparison declared before opening") % p_text(found.p)
    if several and found.corrected_p != found.p:
        return _("%(p)s, after Holm's correction %(corrected)s") % {
            "p": p_text(found.p),
            "corrected": p_text(found.corrected_p),
        }
    return p_text(found.p)


def _on_shared(model: ModelResult, found: Comparison) -> str:
    """Where readers left questions out, the difference is taken on the questions that each of them answered."""
    if abs(model.accuracy - found.model_accuracy) < 5e-4:
        return ""
    return _(", and the model on %.0f %% of the questions that each of them answered") % (100 * found.model_accuracy)


def _model_start(model: ModelResult) -> str:
    return _("%(model)s was right on %(right)d of %(of)d (%(share).0f %%)") % {
        "model": model.label,
        "right": model.right,
        "of": model.answered,
        "share": 100 * model.accuracy,
    }
