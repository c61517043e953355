"""Text files of microscopes beside images: this command does not read them, and says so."""

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
            folder = path.parent
            listings[folder] = {one.name.lower() for one in folder.iterdir()} if folder.is_dir() else set()
        names = {f"{base}{ending}".lower() for base in (path.stem, path.name) for ending in ENDINGS}
        found += sorted(names & listings[path.parent])[:1]
    if found:
        errors.print(
            f"{len(found)} images have no scale but a text file of their microscope, such as {found[0]}. It is not "
            "read here: put the scales into the manifest, or import the folder into MicroDB and export the dataset.",
            highlight=False,
            soft_wrap=True,
        )
