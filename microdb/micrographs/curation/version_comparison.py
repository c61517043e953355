"""What changed between two frozen versions of a dataset."""

from dataclasses import dataclass

from microdb.micrographs.models import Change, DatasetVersion, DatasetVersionEntry
from microdb.micrographs.validation.masked import masked_text

SHOWN = 200
"""Entries listed of each kind of difference; all are counted."""
COMPARED = ("label", "pixels_per_micrometre", "specimen", "split", "data_bar_top", "masked")


@dataclass(frozen=True)
class Changed:
    """One micrograph in both versions, and (what, before, after) for each thing that differs."""

    entry: DatasetVersionEntry
    differences: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Comparison:
    """How the later version differs; lists are cut, counts are not."""

    added: list[DatasetVersionEntry]
    added_count: int
    removed: list[DatasetVersionEntry]
    removed_count: int
    changed: list[Changed]
    changed_count: int
    same_count: int


def compare_versions(before: DatasetVersion, after: DatasetVersion) -> Comparison:
    """Entry by entry, by micrograph."""
    old, new = ({entry.micrograph_id: entry for entry in _entries(version)} for version in (before, after))
    added = [entry for pk, entry in new.items() if pk not in old]
    removed = [entry for pk, entry in old.items() if pk not in new]
    both = [(old[pk], entry) for pk, entry in new.items() if pk in old]
    changed = [Changed(two, found) for one, two in both if (found := _differences(one, two))]
    return Comparison(
        added=added[:SHOWN],
        added_count=len(added),
        removed=removed[:SHOWN],
        removed_count=len(removed),
        changed=changed[:SHOWN],
        changed_count=len(changed),
        same_count=len(both) - len(changed),
    )


def _entries(version: DatasetVersion) -> list[DatasetVersionEntry]:
    shown_entries = version.entries.exclude(micrograph__in=version.dataset.withheld)
    entries = shown_entries.select_related("micrograph").order_by("micrograph__filename", "pk")
    shown = [f"micrograph__{name}" for name in ("filename", "trashed_at")]
    return list(entries.only("version", "micrograph", *COMPARED, *shown))


def _differences(before: DatasetVersionEntry, after: DatasetVersionEntry) -> list[tuple[str, str, str]]:
    names = {name: str(Change.Field(name).label) for name in COMPARED}
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in COMPARED}
    return [(names[name], _text(old), _text(new)) for name, (old, new) in pairs.items() if old != new]


def _text(value: object) -> str:
    if isinstance(value, list):
        return masked_text(value)
    return f"{value:.6g}" if isinstance(value, float) else "" if value is None else str(value)
