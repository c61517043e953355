"""What the model says of a file, as a typed value and as a table."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from microdb.client.errors import ClientError

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped] # it has no types of its own

FINAL = {"done", "failed", "cancelled", "refused"}


@dataclass(frozen=True)
class Verdict:
    """The result of one file. Without a verdict ``predicted`` is empty and ``warning`` says why.

    ``none_of_these`` and the ``probabilities`` add up to 1. ``outside_rank``, from 0 to 1, is the share of unseen known
    micrographs that look more familiar.
    """

    filename: str
    predicted: str = ""
    probability: float | None = None
    none_of_these: float | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    outside_rank: float | None = None
    nearest: str = ""
    pixels_per_micrometre: float | None = None
    scale_source: str = ""
    crops: int | None = None
    seed: int | None = None
    warning: str = ""
    state: str = "refused"
    score: str | None = None

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> "Verdict":
        """From a result of the API; fields that this client does not know are left out."""
        return cls(**{one.name: result[one.name] for one in fields(cls) if one.name in result})

    @property
    def is_final(self) -> bool:
        return self.state in FINAL


def to_dataframe(verdicts: Iterable[Verdict]) -> "pandas.DataFrame":
    """One row per file; the probability of each class in a column ``p(class)``. Needs pandas."""
    try:
        import pandas
    except ImportError as error:
        raise ClientError("A table needs pandas. Install it with: pip install pandas") from error
    rows = []
    for verdict in verdicts:
        row = asdict(verdict)
        probabilities = row.pop("probabilities")
        rows.append({**row, **{f"p({name})": value for name, value in probabilities.items()}})
    names = [one.name for one in fields(Verdict) if one.name != "probabilities"]
    return pandas.DataFrame(rows, columns=None if rows else names)
