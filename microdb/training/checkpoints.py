"""Checkpoints, from which a training continues after its worker was stopped or killed.

The folder lies under VAR, which the workers of one machine, or of one compose file, share; a worker elsewhere begins
anew, to the same result.
"""

import shutil
from pathlib import Path

from django.conf import settings

from microdb.training.models import ModelVersion


def checkpoint_folder(model_version: ModelVersion) -> Path:
    """The folder of one version's training."""
    return Path(settings.CHECKPOINTS) / str(model_version.pk)


def drop_checkpoints() -> None:
    """Delete the checkpoints of all trainings that have ended."""
    root = Path(settings.CHECKPOINTS)
    folders = {path.name: path for path in root.glob("[0-9]*")}
    active = {str(pk) for pk in ModelVersion.objects.active().filter(pk__in=folders).values_list("pk", flat=True)}
    for name in folders.keys() - active:
        shutil.rmtree(folders[name], ignore_errors=True)
