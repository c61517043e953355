"""The REST API of model versions."""

from microdb.training.api.held_out import FlippedList, HeldOutList, ModelVersionCompare
from microdb.training.api.reports import ModelVersionReport, TrainingCheck
from microdb.training.api.versions import (
    ModelVersionActivate,
    ModelVersionCancel,
    ModelVersionDetail,
    ModelVersionList,
)

__all__ = [
    "FlippedList",
    "HeldOutList",
    "ModelVersionActivate",
    "ModelVersionCancel",
    "ModelVersionCompare",
    "ModelVersionDetail",
    "ModelVersionList",
    "ModelVersionReport",
    "TrainingCheck",
]
