"""Datasets and micrographs for the administrator: curate in bulk, undo, read the history.

Whatever changes a micrograph goes through the services, so that its history is as complete as from the pages.
Nothing is deleted here for good: trash and restore are actions.
"""

from microdb.micrographs.admin.datasets import DatasetAdmin
from microdb.micrographs.admin.micrographs import MicrographAdmin
from microdb.micrographs.admin.records import (
    ChangeAdmin,
    DatasetVersionAdmin,
    NearDuplicateAdmin,
    ReadingAdmin,
    SpecimenAdmin,
)

__all__ = [
    "ChangeAdmin",
    "DatasetAdmin",
    "DatasetVersionAdmin",
    "MicrographAdmin",
    "NearDuplicateAdmin",
    "ReadingAdmin",
    "SpecimenAdmin",
]
