"""Sidecars that are dropped without their image: which stored micrograph each belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from uuid import UUID

from django.utils.translation import ngettext

from microdb.micrographs.models import Dataset
from microdb.micrographs.scale.sidecar import sidecar_names

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
    stored = dataset.micrographs.ready().filter(pixels_per_micrometre=None)
    by_name: dict[str, list[tuple[UUID, str, str]]] = {}
    for pk, filename in stored.values_list("pk", "filename") if not dataset.scale_free else ():
        for name in sidecar_names(filename):
            by_name.setdefault(PurePosixPath(name).name, []).append((pk, filename, name))
    found, others = [], []
    for sidecar in alone:
        candidates = by_name.get(PurePosixPath(sidecar).name.lower(), [])
        fitting = {(pk, filename) for pk, filename, name in candidates if _one_ends_with_other(sidecar.lower(), name)}
        if len(fitting) == 1:
            found.append(LateSidecar(sidecar, *fitting.pop()))
        else:
            others.append(sidecar)
    return found, _note(others)


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
