"""The REST API of datasets, classes and micrographs."""

from microdb.micrographs.api.files import MicrographImage, MicrographMaster, MicrographThumbnail
from microdb.micrographs.api.views import (
    DatasetDetail,
    DatasetList,
    MaterialClassList,
    MicrographDetail,
    MicrographList,
)

__all__ = [
    "DatasetDetail",
    "DatasetList",
    "MaterialClassList",
    "MicrographDetail",
    "MicrographImage",
    "MicrographList",
    "MicrographMaster",
    "MicrographThumbnail",
]
