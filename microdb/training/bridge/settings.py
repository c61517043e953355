"""The classifier settings of a training. Needs no torch, so that the API can check them before it queues one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from classifier import ClassifierError, Config
from microdb.errors import MicroDBError


def training_config(own: Mapping[str, Any], *, scale_free: bool) -> Config:
    """The classifier's defaults, overridden by the installation's file and then by the training's own settings.

    Raises ClassifierError for settings with which it could not train.
    """
    installation = json.loads(Path(settings.CLASSIFIER_CONFIG).read_text()) if settings.CLASSIFIER_CONFIG else {}
    return Config.from_dict({"scale_free": scale_free}, installation, dict(own))


def refuse_wrong_settings(own: Mapping[str, Any], *, scale_free: bool) -> None:
    """Raise MicroDBError, with the classifier's sentence, for settings with which it could not train."""
    try:
        training_config(own, scale_free=scale_free)
    except ClassifierError as error:
        raise MicroDBError(str(error), code="bad_config") from error
