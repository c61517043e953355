"""A model artifact: `model.json` and `weights.safetensors`, in a folder or a zip. Neither can hold code.

The JSON names the format and its version, and holds the SHA-256 of the weights and of itself, so that a damaged,
foreign or newer artifact is refused. Artifacts of version 1 are upgraded as they are read; models of version 2 and
earlier keep the rule for none of these that they were trained with.
"""

import hashlib
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from classifier.artifact_v1 import upgraded
from classifier.errors import ClassifierError

FORMAT = "microdb-classifier"
VERSION = 3
DESCRIPTION = "model.json"
WEIGHTS = "weights.safetensors"
MOST_BYTES = 2**30
"""Of one file of a model in a zip, to bound the memory."""


def write_artifact(directory: Path, description: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """Write both files, the description last: an interrupted write leaves no valid artifact."""
    directory.mkdir(parents=True, exist_ok=True)
    weights = save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
    body = {
        "format": FORMAT,
        "version": VERSION,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        **description,
    }
    body["sha256"] = _digest(body)
    (directory / DESCRIPTION).unlink(missing_ok=True)
    (directory / WEIGHTS).write_bytes(weights)
    (directory / DESCRIPTION).write_text(json.dumps(body, indent=1, ensure_ascii=False), encoding="utf-8")


def read_artifact(directory: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The description and the tensors of a folder or a zip, both checked. Raises ClassifierError with what is wrong."""
    body = _read_description(directory)
    if body.get("format") != FORMAT:
        raise ClassifierError(f"{directory} does not hold a model of this program; give another folder.")
    if not isinstance(body.get("version"), int) or body["version"] > VERSION:
        raise ClassifierError(
            f"The model in {directory} has format version {body.get('version')}, but this program reads up to "
            f"{VERSION}; update the program or train the model again."
        )
    if body.pop("sha256", None) != _digest(body):
        raise _damaged(directory, DESCRIPTION)
    try:
        weights = _read(directory, WEIGHTS)
    except OSError as error:
        raise _damaged(directory, WEIGHTS) from error
    if hashlib.sha256(weights).hexdigest() != body["weights_sha256"]:
        raise _damaged(directory, WEIGHTS)
    try:
        tensors = load(weights)
    except SafetensorError as error:
        raise _damaged(directory, WEIGHTS) from error
    return body, upgraded(tensors) if body["version"] == 1 else tensors


def _read_description(directory: Path) -> dict[str, Any]:
    try:
        body = json.loads(_read(directory, DESCRIPTION).decode())
    except OSError as error:
        raise ClassifierError(
            f"There is no model in {directory}: {DESCRIPTION} cannot be read. Give the folder that train wrote, "
            "or a zip that a site exported."
        ) from error
    except ValueError as error:
        raise _damaged(directory, DESCRIPTION) from error
    if not isinstance(body, dict):
        raise _damaged(directory, DESCRIPTION)
    return body


def _read(source: Path, name: str) -> bytes:
    """One file of a folder or a zip. Raises OSError where it is missing, unreadable or too large."""
    if not source.is_file():
        return (source / name).read_bytes()
    try:
        with zipfile.ZipFile(source) as archive, archive.open(name) as file:
            if archive.getinfo(name).file_size > MOST_BYTES:
                raise OSError(f"{name} is too large")
            return file.read()
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, NotImplementedError, EOFError) as error:
        raise OSError(str(error)) from error


def _damaged(directory: Path, name: str) -> ClassifierError:
    return ClassifierError(f"{name} in {directory} is damaged or missing; copy the model again or train it again.")


def _digest(body: dict[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
