"""The sections of the results page, and the exhibits of each."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from microdb.quizzes.exhibits.exhibit import Exhibit

TITLES = {
    "verdict": gettext_lazy("Verdict"),
    "people": gettext_lazy("People"),
    "agreement": gettext_lazy("Agreement"),
    "questions": gettext_lazy("Questions"),
    "method": gettext_lazy("Method"),
}
"""By name, as in the page's address; the first is shown first."""
PLACES = {
    "accuracy": "verdict",
    "comparisons": "verdict",
    "ranks": "people",
    "duels": "people",
    "deferral": "people",
    "teams": "people",
    "pace": "people",
    "left-out": "people",
    "agreement": "agreement",
    "calibration": "agreement",
    "none-of-these": "questions",
    "questions": "questions",
    "variances": "method",
}


@dataclass(frozen=True)
class Section:
    name: str
    title: str
    is_shown: bool


def sections(wanted: str) -> list[Section]:
    """All sections, the wanted one shown, or the first where there is no such section."""
    shown = wanted if wanted in TITLES else next(iter(TITLES))
    return [Section(name, str(title), name == shown) for name, title in TITLES.items()]


def section_of(exhibit: Exhibit) -> str:
    """The name of an exhibit's section. Confusions are named after their raters."""
    return PLACES.get(exhibit.name, "questions" if exhibit.tells_truth else "method")
