"""Which readers a report counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from microdb.accounts.models import Panel
from microdb.quizzes.models import Ballot, Quiz
from microdb.quizzes.sitting.rules import YEARS_AT_MOST


@dataclass(frozen=True)
class Readers:
    """A choice among the ballots that count, as in the query of the results page.

    Simulated readers count only where asked for, or (``simulated`` None) as long as there are no real ones.
    """

    panel: str = ""
    least_years: int = 0
    complete: bool = False
    simulated: bool | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Readers":
        """The choice in a query; values that are not valid are ignored."""
        panel, years = query.get("panel", ""), query.get("least_years", "")
        return cls(
            panel=panel if panel in Panel.values else "",
            least_years=min(int(years), YEARS_AT_MOST) if years.isascii() and years.isdigit() else 0,
            complete=query.get("complete", "") in ("1", "on", "true"),
            simulated={"1": True, "true": True, "0": False, "false": False}.get(query.get("simulated", "")),
        )

    @property
    def query(self) -> str:
        """The choice as a query; empty for all readers."""
        parameters = {
            "panel": self.panel,
            "least_years": self.least_years or "",
            "complete": "1" if self.complete else "",
            "simulated": "" if self.simulated is None else str(int(self.simulated)),
        }
        return urlencode({name: value for name, value in parameters.items() if value != ""})

    def choose(self, quiz: Quiz) -> tuple[list[Ballot], bool]:
        """The chosen ballots that count, in the order of their beginning, and whether simulated ones may."""
        ballots = list(quiz.ballots.counted())
        with_simulated = self.simulated
        if with_simulated is None:
            with_simulated = all(ballot.simulated for ballot in ballots)
        return [ballot for ballot in ballots if self._counts(ballot, with_simulated)], with_simulated

    def _counts(self, ballot: Ballot, with_simulated: bool) -> bool:
        of_panel = not self.panel or ballot.panel == self.panel
        experienced = (ballot.years_of_experience or 0) >= self.least_years
        return of_panel and experienced and (with_simulated or not ballot.simulated)
