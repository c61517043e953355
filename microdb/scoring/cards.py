"""A score, or a file that got none, as the pages show it."""

from dataclasses import dataclass

from microdb.jobs import Job
from microdb.micrographs.models import NONE_OF_THESE, Micrograph
from microdb.palette import css_variable
from microdb.scoring.models import Score


@dataclass(frozen=True)
class Bar:
    """One outcome's probability as pages show it; none-of-these has no position."""

    name: str
    position: int | None
    share: float
    predicted: bool

    @property
    def variable(self) -> str:
        """The CSS custom property with the colour of a class."""
        return "" if self.position is None else css_variable(self.position)


@dataclass(frozen=True)
class Card:
    """One file on the scores page: its verdict, the wait for it, or why there is none."""

    filename: str
    micrograph: Micrograph | None = None
    score: Score | None = None
    error: str = ""
    asks_scale: bool = False
    is_unread: bool = False
    ahead: int = 0

    @property
    def bars(self) -> list[Bar]:
        return bars(self.score) if self.score else []


def card_of(score: Score) -> Card:
    """The card of a score, with its place in the queue while it waits."""
    ahead = Score.objects.ahead_of(score).count() if score.state == Job.State.QUEUED else 0
    return Card(filename=score.micrograph.filename, micrograph=score.micrograph, score=score, ahead=ahead)


def bars(score: Score) -> list[Bar]:
    """The probabilities in the dataset's order of classes, none-of-these last; empty without a verdict."""
    if score.state != Job.State.DONE:
        return []
    shown = score.shown_probabilities
    shares = [(name, place, shown.get(name, 0.0)) for place, name in enumerate(score.model_version.classes)]
    rows = [*shares, (NONE_OF_THESE, None, shown[NONE_OF_THESE])]
    return [Bar(name, place, share, name == score.predicted) for name, place, share in rows]
