"""The manifest: a CSV table with one row per micrograph, as import, upload, batch scoring and the commands read it.

Needs no Django and opens no image. The classifier, which may not import the site, reads the same table with
``classifier.command_line.manifest``; a test holds the two equal.
"""

from microdb.manifest.choice import MANIFEST, SPECIMENS, choose_manifest, has_manifest_name, has_specimens_name
from microdb.manifest.reader import MOST_ROWS, NO_FILENAMES, Manifest, parse_manifest, read_manifest
from microdb.manifest.rows import COLUMNS, ManifestRow

__all__ = [
    "COLUMNS",
    "MANIFEST",
    "MOST_ROWS",
    "NO_FILENAMES",
    "SPECIMENS",
    "Manifest",
    "ManifestRow",
    "choose_manifest",
    "has_manifest_name",
    "has_specimens_name",
    "parse_manifest",
    "read_manifest",
]
