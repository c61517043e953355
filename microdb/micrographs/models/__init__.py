"""Datasets, their members and classes; micrographs with label and scale; history; frozen versions."""

from microdb.micrographs.models.blind import BlindItem, BlindRound
from microdb.micrographs.models.datasets import (
    NONE_OF_THESE,
    UNSURE,
    Dataset,
    DatasetQuerySet,
    MaterialClass,
    Membership,
    Role,
)
from microdb.micrographs.models.history import Change, DatasetVersion, DatasetVersionEntry, Twin
from microdb.micrographs.models.micrographs import (
    Flaw,
    Micrograph,
    MicrographQuerySet,
    ScaleSource,
    Split,
    display_path,
    master_path,
    thumbnail_path,
)
from microdb.micrographs.models.reading import Reading, ReadingQuerySet
from microdb.micrographs.models.tally import BINS_PER_DECADE, Tally

__all__ = [
    "BINS_PER_DECADE",
    "NONE_OF_THESE",
    "UNSURE",
    "BlindItem",
    "BlindRound",
    "Change",
    "Dataset",
    "DatasetQuerySet",
    "DatasetVersion",
    "DatasetVersionEntry",
    "Flaw",
    "MaterialClass",
    "Membership",
    "Micrograph",
    "MicrographQuerySet",
    "Reading",
    "ReadingQuerySet",
    "Role",
    "ScaleSource",
    "Split",
    "Tally",
    "Twin",
    "display_path",
    "master_path",
    "thumbnail_path",
]
