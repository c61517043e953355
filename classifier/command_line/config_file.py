"""Settings from the JSON file that a command names."""

import json
from pathlib import Path

from classifier.config import Config
from classifier.errors import ClassifierError


def read_config(path: Path | None) -> Config:
    """The settings in a JSON file, or the defaults."""
    if path is None:
        return Config()
    try:
        return Config.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        if isinstance(error, ClassifierError):
            raise
        raise ClassifierError(f"{path} cannot be read as JSON ({error}); give an object of settings.") from error
