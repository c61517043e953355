"""Coverage-guided fuzzing of the readers of bytes, with atheris, which is not among the locked packages.

``python -m tests.fuzz.guided sidecar -max_total_time=300`` with atheris installed; the other options are libFuzzer's.
"""

import io
import os
import sys
from collections.abc import Callable

import atheris
import django

os.environ.update(DJANGO_SETTINGS_MODULE="microdb.settings", LOG_LEVEL="CRITICAL")
django.setup()
with atheris.instrument_imports(include=["microdb.manifest", "microdb.micrographs.scale", "microdb.micrographs.files"]):
    from microdb.errors import MicroDBError
    from microdb.manifest import parse_manifest
    from microdb.micrographs.files.floods import check_parts
    from microdb.micrographs.files.header import read_header
    from microdb.micrographs.import_export.specimens_csv import parse_specimens
    from microdb.micrographs.scale.found import Extent
    from microdb.micrographs.scale.metadata import read_metadata
    from microdb.micrographs.scale.sidecar import Sidecar, read_sidecar


def _header(content: bytes) -> None:
    check_parts(io.BytesIO(content), read_header(io.BytesIO(content)).file_format)


TARGETS: dict[str, Callable[[bytes], object]] = {
    "sidecar": lambda content: read_sidecar(Sidecar("a.txt", content), Extent(64, 48)),
    "metadata": lambda content: read_metadata(io.BytesIO(content)),
    "header": _header,
    "manifest": lambda content: parse_manifest(io.BytesIO(content), "micrographs.csv"),
    "specimens": lambda content: parse_specimens(io.BytesIO(content), "specimens.csv"),
}


def main(name: str, *options: str) -> None:
    read = TARGETS[name]

    def check(content: bytes) -> None:
        try:
            read(content)
        except MicroDBError:
            return

    atheris.Setup([sys.argv[0], *options], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
