"""How the quiz was held and analysed, as a paragraph that a paper can use, with its references."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microdb.micrographs.models import NONE_OF_THESE
from microdb.quizzes.composition.specimens import accepted_specimens
from microdb.quizzes.models import Quiz
from microdb.quizzes.reports import Report

REFERENCES = (
    "N. A. Obuchowski and H. E. Rockette, Commun. Stat. Simul. Comput. 24 (1995) 285-308.",
    "S. L. Hillis, Stat. Med. 26 (2007) 596-619.",
    "B. D. Gallas, G. A. Pennello and K. J. Myers, J. Opt. Soc. Am. A 24 (2007) B70-B80.",
    "D. P. Chakraborty, Observer Performance Methods for Diagnostic Imaging, CRC Press (2017), chapter 22.",
    "W. G. Cochran and G. M. Cox, Experimental Designs, Wiley (1950).",
    "A. Agresti and Y. Min, Stat. Med. 24 (2005) 729-740.",
    "E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212.",
    "S. Holm, Scand. J. Stat. 6 (1979) 65-70.",
    "K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011).",
    "M. Larmuseau et al., Scripta Mater. 193 (2021) 33-37.",
)


def method_paragraph(quiz: Quiz, report: Report) -> str:
    """What was asked, of whom, what was fixed before, and how the numbers were made."""
    return " ".join([*_design(quiz, report), *_analysis(report)])


def citation(report: Report) -> str:
    return _(
        "MicroDB quiz “%(title)s”, dataset %(dataset)s, version %(version)d, opened %(day)s. SHA-256 %(hash)s."
    ) % {
        "title": report.title,
        "dataset": report.dataset,
        "version": report.dataset_version,
        "day": report.opened_at.date().isoformat(),
        "hash": report.frozen_sha256,
    }


def _design(quiz: Quiz, report: Report) -> list[str]:
    classes = sum(option != NONE_OF_THESE for option in report.options)
    people = ", ".join(f"{panel.label} ({panel.readers})" for panel in report.panels) or _("no readers")
    models = ngettext("%d model", "%d models", len(report.models)) % len(report.models)
    asked = ngettext("%d held-out micrograph", "%d held-out micrographs", report.question_count) % report.question_count
    sentences = [
        _("%(people)s and %(models)s sorted %(questions)s into %(classes)d classes.")
        % {"people": capfirst(people), "models": models, "questions": asked, "classes": classes}
    ]
    if quiz.offers_none_of_these:
        sentences.append(_("“None of these” was one of the options."))
    sentences.append(_("Readers could say that they were unsure, which counts as not right."))
    if quiz.shuffled:
        sentences.append(_("Each reader saw the questions in an order of their own."))
    if quiz.teaching:
        sentences.append(_("Readers saw the truth after each answer, so this is an exercise and no measurement."))
    sentences += [*_what_counts(quiz, report), _of_specimens(quiz)]
    sentences.append(
        _("Questions, truth and the models' answers were fixed and hashed before the quiz opened on %s.")
        % report.opened_at.date().isoformat()
    )
    return sentences


def _what_counts(quiz: Quiz, report: Report) -> list[str]:
    if quiz.completeness_percent == 100:
        rule = _("Only sittings that answered every question count.")
    else:
        rule = _("Sittings that answered at least %d %% of the questions count.") % quiz.completeness_percent
    left_out = {kind: sum(one.readers for one in report.left_out if one.kind == kind) for kind in ("partial", "repeat")}
    if not any(left_out.values()):
        return [rule]
    return [rule, _("%(partial)d partial and %(repeat)d repeated sittings were left out.") % left_out]


def _of_specimens(quiz: Quiz) -> str:
    if accepted := accepted_specimens(quiz):
        return accepted.sentence
    return _("No question shared a specimen or was a near-duplicate of a micrograph that a model was trained on.")


def _analysis(report: Report) -> list[str]:
    sentences = [
        _(
            "Accuracy is averaged over readers and questions, both taken as random samples. The difference between a "
            "model and a panel was analysed by the method of Obuchowski and Rockette for a single modality [1, 2] with "
            "unbiased U-statistics for the components of variance [3], applied to the differences between the answers "
            "of the model, a fixed reader, and those of each reader [4]. Critical values are those of t with R - 1 and "
            "Q - 1 degrees of freedom, weighted by the variance of readers and of questions [5]; half a question of "
            "each kind was added for the interval and the test [6]."
        )
    ]
    primary = next((one for one in report.comparisons if one.primary), None)
    if primary:
        sentences.append(
            _("The primary endpoint, declared before opening, was the accuracy of %(model)s against the %(panel)s.")
            % {"model": primary.model, "panel": primary.panel_label}
        )
        if primary.margin is not None:
            sentences.append(_("The margin of non-inferiority was %g points.") % round(100 * primary.margin, 1))
    if len(report.comparisons) > 1:
        which = _("the other comparisons") if primary else _("all comparisons")
        sentences.append(_("The p-values of %s were corrected after Holm [8].") % which)
    sentences.append(
        _(
            "Accuracies of single raters have Wilson's interval [7]; agreement is Krippendorff's alpha [9]. The design "
            "follows Larmuseau et al. [10]."
        )
    )
    return sentences
