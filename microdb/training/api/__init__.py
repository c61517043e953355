"""The REST API of model versions."""

from microdb.training.api.reports import ModelVersionReport, TrainingCheck
from microdb.training.api.versions import (
    ModelVersionActivate,
    ModelVersionCancel,
    ModelVersionDetail,
    ModelVersionList,
)

__all__ = [
    "ModelVersionActivate",
    "ModelVersionCancel",
    "ModelVersionDetail",
    "ModelVersionList",
    "ModelVersionReport",
    "TrainingCheck",
]
