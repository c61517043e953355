"""A package from elsewhere as the fields of a version: its model is loaded, which checks it."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier import Classifier, ClassifierError, Config
from microdb.errors import MicroDBError
from microdb.training.bridge.artifact import pack_files
from microdb.training.bridge.training import ordered
from microdb.training.package import MODEL, WEIGHTS, Package

LARGEST = {
    "crops.size": 4096,
    "triplets.descriptor_dimensions": 1024,
    "paper.widths": 1024,
    "paper.depths": 8,
    "paper.hidden": 4096,
    "pretrained.ensemble_size": 32,
}
"""Settings that decide how much memory a network takes before its weights are compared with it."""


@dataclass(frozen=True)
class Imported:
    """The fields of the version, its artifact as the bytes of a zip, and whether its micrographs have no scale."""

    fields: dict[str, Any]
    artifact: bytes
    scale_free: bool


def imported_model(package: Package) -> Imported:
    """Raises MicroDBError for a model that can't be used, or isn't the one that the manifest tells of."""
    _refuse_outsized(package.model)
    try:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / MODEL).write_bytes(package.model)
            (Path(folder) / WEIGHTS).write_bytes(package.weights)
            classifier = Classifier.load(folder, device="cpu")
    except ClassifierError as error:
        sentence = f"This file is not imported: {error}".replace(f" in {folder}", "").replace(folder, "the zip")
        raise MicroDBError(sentence, code="bad_package") from error
    classes = [str(name) for name in package.manifest["classes"]]
    if sorted(classes) != sorted(classifier.classes_) or len(set(classes)) != len(classes):
        raise MicroDBError(
            "This file is not imported: its manifest names other classes than its model. Export the version again and "
            "send the zip as it is.",
            code="bad_package",
        )
    try:
        fields = _fields(classifier, classes)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise MicroDBError(
            "This file is not imported: its metrics can’t be read. Export the version again.", code="bad_package"
        ) from error
    scale_free = classifier.config.scale_free
    return Imported(fields, pack_files({MODEL: package.model, WEIGHTS: package.weights}), scale_free)


def _fields(classifier: Classifier, classes: list[str]) -> dict[str, Any]:
    """Raises ValueError for numbers and texts that the database does not take."""
    scale_range = None if classifier.config.scale_free else list(classifier.scale_range_)
    fields = {
        "classes": classes,
        "metrics": {**ordered(classifier.metrics_, classes), "scale_range": scale_range},
        "descriptor_map": {**classifier.descriptor_map(), "classes": classes},
        "config": classifier.config.to_dict(),
        "seed": classifier.seed,
    }
    if "\\u0000" in json.dumps(fields, allow_nan=False):
        raise ValueError("a text with the character NUL")
    return fields


def _refuse_outsized(description: bytes) -> None:
    """Raise MicroDBError for settings of a network that no training here would make."""
    try:
        config = Config.from_dict(json.loads(description)["config"]).to_dict()
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise MicroDBError(
            f"This file is not imported: its {MODEL} can't be read ({error}).", code="bad_package"
        ) from error
    for name, most in LARGEST.items():
        section, _dot, key = name.partition(".")
        value = config[section][key]
        if max(value if isinstance(value, list) else [value]) > most:
            raise MicroDBError(
                f"This file is not imported: its setting {name} is {value}, and at most {most} is taken.",
                code="bad_package",
            )
