"""Reads settings from a JSON file."""

import json
from pathlib import Path

from classifier.config import Config
from classifier.errors import ClassifierError


def read_config(path: Path | None) -> Config:
    """The settings in a JSON file; the defaults without one. Raises ClassifierError."""
    if path is None:
        return Config()
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ClassifierError(f"{path} cannot be read as JSON ({error}); give an object of settings.") from error
    return Config.from_dict(settings)
