"""The micrographs that a person names: files and folders, with sidecars, hashes and the names that the server gets."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from microdb.client.errors import ClientError
from microdb.errors import MicroDBError
from microdb.file_names import IMAGE_ENDINGS, sidecar_names
from microdb.manifest import ManifestRow, read_manifest


@dataclass(frozen=True)
class LocalFile:
    """``name`` is the path below the folder that was named, with slashes."""

    name: str
    path: Path
    sidecar: Path | None = None

    @cached_property
    def image_sha256(self) -> str:
        """Raises OSError."""
        return file_sha256(self.path)

    @cached_property
    def sha256(self) -> str:
        """Of image and sidecar. Raises OSError."""
        digest = hashlib.sha256(self.image_sha256.encode())
        if self.sidecar:
            digest.update(file_sha256(self.sidecar).encode())
        return digest.hexdigest()

    @property
    def parts(self) -> list[tuple[str, Path]]:
        """Name and path of what is sent: the image and its sidecar."""
        if not self.sidecar:
            return [(self.name, self.path)]
        beside = self.name[: len(self.name) - len(self.path.name)] + self.sidecar.name
        return [(self.name, self.path), (beside, self.sidecar)]

    @property
    def size(self) -> int:
        return sum(path.stat().st_size for _name, path in self.parts)


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_files(paths: Sequence[Path]) -> list[LocalFile]:
    """The images of folders, and the files named, each once; names begin below what all of them have in common.

    Raises ClientError if a path is missing or nothing is found.
    """
    for path in paths:
        if not path.exists():
            raise ClientError(f"There is no file or folder {path}. Check the path.")
    homes = [(path if path.is_dir() else path.parent).resolve() for path in paths]
    try:
        root = Path(os.path.commonpath(homes))
    except ValueError as error:
        raise ClientError("The paths lie on several drives. Give them one by one.") from error
    images = dict.fromkeys(image for path in paths for image in _images(path))
    if not images:
        raise ClientError(f"There is no image ({', '.join(IMAGE_ENDINGS)}) in {', '.join(map(str, paths))}.")
    beside: dict[Path, dict[str, Path]] = {}
    return [LocalFile(path.relative_to(root).as_posix(), path, _sidecar(path, beside)) for path in images]


def manifest_rows(manifest: Path) -> list[ManifestRow]:
    """The rows of a manifest. Raises ClientError where it can't be read."""
    try:
        return list(read_manifest(manifest).rows)
    except (MicroDBError, OSError) as error:
        raise ClientError(str(error)) from error


def named_as_in(manifest: Path, files: Sequence[LocalFile]) -> list[LocalFile]:
    """The files, named from the manifest's own folder where only those names stand in it. Raises ClientError."""
    listed, home = {row.filename for row in manifest_rows(manifest)}, manifest.resolve().parent
    if any(file.name in listed for file in files) or not all(file.path.is_relative_to(home) for file in files):
        return list(files)
    renamed = [replace(file, name=file.path.relative_to(home).as_posix()) for file in files]
    return renamed if any(file.name in listed for file in renamed) else list(files)


def hashed(files: Sequence[LocalFile]) -> Iterator[tuple[LocalFile, OSError | None]]:
    """Each file once its hash is known, in order, with the error if it can't be read."""

    def read(file: LocalFile) -> OSError | None:
        try:
            _ = file.sha256
        except OSError as error:
            return error
        return None

    with ThreadPoolExecutor(4) as pool:
        yield from zip(files, pool.map(read, files), strict=True)


def is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_ENDINGS


def visible_files(folder: Path) -> Iterator[Path]:
    """All files below a folder, without hidden ones, in order."""
    for home, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        yield from (Path(home, name) for name in sorted(names) if not name.startswith("."))


def find_sidecar(image: Path, beside: Iterable[Path]) -> Path | None:
    """The text file of the image's name among the files ``beside`` it."""
    return _named(image, {path.name.lower(): path for path in beside})


def _images(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (file.resolve() for file in visible_files(path) if is_image(file))
    else:
        yield path.resolve()


def _sidecar(image: Path, listed: dict[Path, dict[str, Path]]) -> Path | None:
    if image.parent not in listed:
        listed[image.parent] = {path.name.lower(): path for path in image.parent.iterdir()}
    return _named(image, listed[image.parent])


def _named(image: Path, by_name: dict[str, Path]) -> Path | None:
    return next((by_name[name] for name in sidecar_names(image.name) if name in by_name), None)
