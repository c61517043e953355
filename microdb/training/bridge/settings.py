"""The classifier settings of a training. Needs no torch, so that the API can check them before it queues one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from classifier import ClassifierError, Config, setting_meanings
from microdb.errors import MicroDBError


def training_config(own: Mapping[str, Any], *, scale_free: bool) -> Config:
    """The classifier's defaults, overridden by the installation's file and then by the training's own settings.

    Raises ClassifierError for settings with which it could not train.
    """
    installation = json.loads(Path(settings.CLASSIFIER_CONFIG).read_text()) if settings.CLASSIFIER_CONFIG else {}
    return Config.from_dict({"scale_free": scale_free}, installation, dict(own))


def stored_config(stored: dict[str, Any]) -> Config:
    """The settings that a version was trained with."""
    return Config.from_dict(stored)


def refuse_wrong_settings(own: Mapping[str, Any], *, scale_free: bool) -> None:
    """Raise MicroDBError, with the classifier's sentence, for settings with which it could not train."""
    try:
        training_config(own, scale_free=scale_free)
    except ClassifierError as error:
        raise MicroDBError(str(error), code="bad_config") from error


def explained_settings(stored: Mapping[str, Any]) -> list[tuple[str, Any, str]]:
    """Name with its section, value and meaning of each setting of a trained version."""
    meanings, rows = setting_meanings(), []
    for name, value in stored.items():
        section = value if isinstance(value, dict) else None
        settings_of = {f"{name}.{key}": one for key, one in section.items()} if section is not None else {name: value}
        rows += [(key, one, meanings.get(key, "")) for key, one in settings_of.items()]
    return rows
