"""Datasets, their members and classes; micrographs with label and scale; history; frozen versions."""

from microdb.labels import NONE_OF_THESE, UNSURE
from microdb.micrographs.models.acquisition import Acquisition
from microdb.micrographs.models.blind import BlindItem, BlindRound
from microdb.micrographs.models.counts import BINS_PER_DECADE, Cell, MicrographCount, counted
from microdb.micrographs.models.datasets import (
    Dataset,
    DatasetQuerySet,
    MaterialClass,
    Membership,
    Role,
)
from microdb.micrographs.models.history import Change, DatasetVersion, DatasetVersionEntry, NearDuplicate
from microdb.micrographs.models.invitations import Invitation, InvitationUse
from microdb.micrographs.models.lettering import Lettering, lettering_found
from microdb.micrographs.models.licences import Licence
from microdb.micrographs.models.masked import MOST_MASKED, PLACE, MaskSource, without_sources
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
from microdb.micrographs.models.reading import Reading, ReadingQuerySet, reading_ended
from microdb.micrographs.models.specimens import Specimen, SpecimenChange
from microdb.micrographs.models.uploads import Upload, UploadQuerySet, expiry
from microdb.micrographs.models.withheld import Rule, reason_withheld, withheld_from, withheld_keys, withhold

__all__ = [
    "BINS_PER_DECADE",
    "MOST_MASKED",
    "NONE_OF_THESE",
    "PLACE",
    "UNSURE",
    "Acquisition",
    "BlindItem",
    "BlindRound",
    "Cell",
    "Change",
    "Dataset",
    "DatasetQuerySet",
    "DatasetVersion",
    "DatasetVersionEntry",
    "Flaw",
    "Invitation",
    "InvitationUse",
    "Lettering",
    "Licence",
    "MaskSource",
    "MaterialClass",
    "Membership",
    "Micrograph",
    "MicrographCount",
    "MicrographQuerySet",
    "NearDuplicate",
    "Reading",
    "ReadingQuerySet",
    "Role",
    "Rule",
    "ScaleSource",
    "Specimen",
    "SpecimenChange",
    "Split",
    "Upload",
    "UploadQuerySet",
    "counted",
    "display_path",
    "expiry",
    "lettering_found",
    "master_path",
    "reading_ended",
    "reason_withheld",
    "thumbnail_path",
    "withheld_from",
    "withheld_keys",
    "withhold",
    "without_sources",
]
