"""The REST API of datasets, classes, micrographs and specimens."""

from microdb.micrographs.api.files import MicrographImage, MicrographMaster, MicrographThumbnail
from microdb.micrographs.api.log import DatasetLog, SiteLog
from microdb.micrographs.api.specimens import SpecimenDetail, SpecimenList
from microdb.micrographs.api.uploads import UploadDetail, UploadList
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
    "DatasetLog",
    "MaterialClassList",
    "MicrographDetail",
    "MicrographImage",
    "MicrographList",
    "MicrographMaster",
    "MicrographThumbnail",
    "SiteLog",
    "SpecimenDetail",
    "SpecimenList",
    "UploadDetail",
    "UploadList",
]
