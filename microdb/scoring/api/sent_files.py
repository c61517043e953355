"""The files of a request by their paths: images, and the text files of the microscope beside them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

from django.core.files import File as AnyFile
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.file_names import sidecar_names
from microdb.micrographs.scale.sidecar import is_sidecar_name
from microdb.micrographs.validation.text import clean_filename

File: TypeAlias = "AnyFile[Any]"
LONGEST_PATH = 1000


@dataclass(frozen=True)
class SentFiles:
    """``images`` with their paths, and ``sidecars`` by their paths in small letters."""

    images: Sequence[tuple[str, File]]
    sidecars: Mapping[str, tuple[str, File]]

    @classmethod
    def of(cls, files: Sequence[File], paths: Sequence[str]) -> Self:
        """``paths``: the name of each file with its folders; empty where the names of the multipart parts count.

        Raises MicroDBError where there are not as many paths as files.
        """
        if paths and len(paths) != len(files):
            raise MicroDBError(
                _("paths must name every file once: %(files)d files and %(paths)d paths were sent.")
                % {"files": len(files), "paths": len(paths)},
                code="invalid",
            )
        named = [(_path(file, path), file) for file, path in zip(files, paths or [""] * len(files), strict=True)]
        sidecars = {name.lower(): (name, file) for name, file in named if is_sidecar_name(name)}
        return cls([(name, file) for name, file in named if not is_sidecar_name(name)], sidecars)

    def sidecar_of(self, path: str) -> "File | None":
        """The text file that belongs to an image."""
        return next((self.sidecars[name][1] for name in sidecar_names(path) if name in self.sidecars), None)

    def sidecars_alone(self) -> Iterator[str]:
        """The paths of the text files that belong to none of the images."""
        fitting = {name for path, _file in self.images for name in sidecar_names(path)}
        return (name for key, (name, _file) in self.sidecars.items() if key not in fitting)

    def refuse_same_paths(self) -> None:
        """Raise MicroDBError where two images have the same path."""
        twice = sorted(path for path, count in Counter(path for path, _file in self.images).items() if count > 1)
        if twice:
            raise MicroDBError(
                _("Several files of this request are called “%s”. Send each with its folder, in its name or in paths.")
                % twice[0],
                code="same_path",
            )


def _path(file: File, path: str) -> str:
    return clean_filename(path or getattr(file, "given_path", "") or file.name or "", most=LONGEST_PATH)
