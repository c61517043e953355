"""The REST API of model versions."""

from microdb.training.api.curves import LearningCurveCancel, LearningCurveDetail
from microdb.training.api.evidence import ChangedLabelList, NoneOfTheseList
from microdb.training.api.held_out import FlippedList, HeldOutList, ModelVersionCompare
from microdb.training.api.reports import ModelVersionReport, TrainingCheck
from microdb.training.api.transfers import (
    ModelCardPdf,
    ModelImportCancel,
    ModelImportDetail,
    ModelImportList,
    ModelVersionExport,
)
from microdb.training.api.versions import (
    ModelVersionActivate,
    ModelVersionCancel,
    ModelVersionDetail,
    ModelVersionList,
)

__all__ = [
    "ChangedLabelList",
    "FlippedList",
    "HeldOutList",
    "LearningCurveCancel",
    "LearningCurveDetail",
    "ModelCardPdf",
    "ModelImportCancel",
    "ModelImportDetail",
    "ModelImportList",
    "ModelVersionActivate",
    "ModelVersionCancel",
    "ModelVersionCompare",
    "ModelVersionDetail",
    "ModelVersionExport",
    "ModelVersionList",
    "ModelVersionReport",
    "NoneOfTheseList",
    "TrainingCheck",
]
