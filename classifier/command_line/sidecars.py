"""Text files of microscopes beside images: this command does not read them, and says so."""

import os
from collections.abc import Iterable
from pathlib import Path

from classifier.command_line.consoles import errors

ENDINGS = (".hdr", ".txt", ".xml", ".msa", ".emsa")


def note_sidecars(unscaled: Iterable[Path]) -> None:
    """Name on stderr the files without a scale that have a sidecar, if there are any."""
    listings: dict[Path, set[str]] = {}
    found = []
    for path in unscaled:
        if path.parent not in listings:
            names = os.listdir(path.parent) if path.parent.is_dir() else []
            listings[path.parent] = {name.lower() for name in names}
        fitting = {f"{base}{ending}".lower() for base in (path.stem, path.name) for ending in ENDINGS}
        found += sorted(fitting & listings[path.parent])[:1]
    if found:
        errors.print(
            f"{len(found)} images have no scale but a text file of their microscope, such as {found[0]}. It is not "
            "read here: put the scales into the manifest, or import the folder into MicroDB and export the dataset.",
            highlight=False,
            soft_wrap=True,
        )
