"""Sidecars that are dropped without their image: which stored micrograph each belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import ngettext

from microdb.micrographs.models import Dataset

NAMED = 5


@dataclass(frozen=True)
class LateSidecar:
    """The path of a sidecar in a drop, and the stored micrograph without a scale that it belongs to."""

    sidecar: str
    id: UUID
    filename: str


def late_sidecars(dataset: Dataset, sidecars: Iterable[str]) -> tuple[list[LateSidecar], str]:
    """The sidecars with their micrographs, and a note that names the others; the note is empty where there are none.

    The name must fit, and of the folders as many as both have; where several micrographs fit, none is taken.
    """
    alone = list(sidecars)
    if not alone:
        return [], ""
    stored = dataset.shown().ready().filter(pixels_per_micrometre=None)
    fitting = _fitting(alone, stored.values_list("pk", "filename") if not dataset.scale_free else [])
    found = [LateSidecar(sidecar, *files[0]) for sidecar, files in fitting.items() if len(files) == 1]
    return found, _note([sidecar for sidecar, files in fitting.items() if len(files) != 1])


def _fitting(sidecars: list[str], stored: Iterable[tuple[UUID, str]]) -> dict[str, list[tuple[UUID, str]]]:
    """The stored micrographs that each sidecar may belong to. Two looks into a table per micrograph: they are many."""
    by_name: dict[str, list[tuple[str, str]]] = {}
    for sidecar in sidecars:
        path = sidecar.lower().rpartition(".")[0]
        by_name.setdefault(path.rpartition("/")[2], []).append((sidecar, path))
    fitting: dict[str, list[tuple[UUID, str]]] = {sidecar: [] for sidecar in sidecars}
    for pk, filename in stored:
        whole = filename.lower()
        for path in {whole, whole.rpartition(".")[0]}:
            for sidecar, its_path in by_name.get(path.rpartition("/")[2], ()):
                if _one_ends_with_other(its_path, path):
                    fitting[sidecar].append((pk, filename))
    return fitting


def _one_ends_with_other(one: str, other: str) -> bool:
    """By whole folders."""
    return f"/{one}".endswith(f"/{other}") or f"/{other}".endswith(f"/{one}")


def _note(others: list[str]) -> str:
    if not others:
        return ""
    sentence = ngettext(
        "%(count)d text file belongs neither to an image of this drop nor to a stored micrograph without a scale: "
        "%(names)s",
        "%(count)d text files belong neither to an image of this drop nor to a stored micrograph without a scale: "
        "%(names)s",
        len(others),
    )
    names = ", ".join(others[:NAMED]) + ("…" if len(others) > NAMED else "")
    return sentence % {"count": len(others), "names": names}
