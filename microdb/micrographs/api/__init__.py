"""The REST API of datasets, and of what is in them."""

from microdb.micrographs.api.blind import BlindRoundDetail, BlindRoundList, BlindSettle
from microdb.micrographs.api.blind_items import BlindItemAnswer, BlindItemList
from microdb.micrographs.api.bulk import BulkChange, BulkUndo
from microdb.micrographs.api.changes import ChangeList, ChangeRevert
from microdb.micrographs.api.classes import MaterialClassDetail, MaterialClassList
from microdb.micrographs.api.corrections import MicrographMicronBar, MicrographSidecar, MicrographTake
from microdb.micrographs.api.exports import DatasetExport
from microdb.micrographs.api.files import MicrographImage, MicrographMaster, MicrographThumbnail
from microdb.micrographs.api.health import DatasetHealth
from microdb.micrographs.api.log import DatasetLog, SiteLog
from microdb.micrographs.api.members import InvitationDetail, InvitationList, MemberDetail, MemberList
from microdb.micrographs.api.near_duplicates import NearDuplicateDismiss, NearDuplicateList
from microdb.micrographs.api.specimen_changes import SpecimenChangeList, SpecimenChangeRevert
from microdb.micrographs.api.specimens import SpecimenDetail, SpecimenList
from microdb.micrographs.api.split import DatasetSplit
from microdb.micrographs.api.tables import ManifestApply, SpecimenTable
from microdb.micrographs.api.trash import TrashList, TrashRestore
from microdb.micrographs.api.uploads import UploadDetail, UploadList
from microdb.micrographs.api.versions import (
    DatasetVersionCompare,
    DatasetVersionDetail,
    DatasetVersionEntries,
    DatasetVersionList,
)
from microdb.micrographs.api.views import DatasetDetail, DatasetList, MicrographDetail, MicrographList

__all__ = [
    "BlindItemAnswer",
    "BlindItemList",
    "BlindRoundDetail",
    "BlindRoundList",
    "BlindSettle",
    "BulkChange",
    "BulkUndo",
    "ChangeList",
    "ChangeRevert",
    "DatasetDetail",
    "DatasetExport",
    "DatasetHealth",
    "DatasetList",
    "DatasetLog",
    "DatasetSplit",
    "DatasetVersionCompare",
    "DatasetVersionDetail",
    "DatasetVersionEntries",
    "DatasetVersionList",
    "InvitationDetail",
    "InvitationList",
    "ManifestApply",
    "MaterialClassDetail",
    "MaterialClassList",
    "MemberDetail",
    "MemberList",
    "MicrographDetail",
    "MicrographImage",
    "MicrographList",
    "MicrographMaster",
    "MicrographMicronBar",
    "MicrographSidecar",
    "MicrographTake",
    "MicrographThumbnail",
    "NearDuplicateDismiss",
    "NearDuplicateList",
    "SiteLog",
    "SpecimenChangeList",
    "SpecimenChangeRevert",
    "SpecimenDetail",
    "SpecimenList",
    "SpecimenTable",
    "TrashList",
    "TrashRestore",
    "UploadDetail",
    "UploadList",
]
