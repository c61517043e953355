"""The table of ballots that no figure counts."""

from django.utils.translation import gettext as _

from microdb.quizzes.exhibits.exhibit import Cell, Column, Exhibit
from microdb.quizzes.reports import LeftOut, Report


def left_out_exhibit(report: Report) -> Exhibit:
    return Exhibit(
        name="left-out",
        title=_("Sittings that do not count"),
        note=_(
            "Partial sittings answer fewer questions than the quiz asks for, a rule that was fixed before it opened. "
            "Repeats have a browser, an account or a name in common with an earlier sitting. No figure on this page "
            "includes them."
        ),
        columns=[
            Column(_("Why")),
            Column(_("Panel")),
            Column(_("Readers"), "count"),
            Column(_("Answers"), "count"),
            Column(_("Right"), "count"),
            Column(_("Accuracy"), "share"),
        ],
        rows=[_row(one) for one in report.left_out],
    )


def _row(one: LeftOut) -> list[Cell]:
    why = {"partial": _("partial"), "repeat": _("repeat")}
    accuracy = one.right / one.answered if one.answered else None
    return [why[one.kind], one.panel_label, one.readers, one.answered, one.right, accuracy]
