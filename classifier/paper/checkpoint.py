"""Checkpoints on disk: a training that was stopped or killed resumes and comes to exactly the same result.

A state is an artifact (safetensors and JSON with checksums) in a numbered folder. The previous one is deleted only when
the new one is complete, so a kill at any instruction leaves one.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from classifier.artifact import read_artifact, write_artifact
from classifier.config import Config
from classifier.crops.images import InMemory
from classifier.errors import ClassifierError

WRITING_SHARE = 0.02
"""Share of the time that writing may take: the smaller a state, the more often it is written."""


@dataclass(frozen=True)
class State:
    """JSON-able `facts`, and `tensors` by name."""

    facts: dict[str, Any]
    tensors: dict[str, Tensor]


class Checkpoint:
    """The checkpoints of one training; without a folder nothing is kept.

    `fingerprint` identifies the training: another training in the same folder finds no state of this one.
    """

    def __init__(self, folder: Path | None, fingerprint: str) -> None:
        self._folder = None if folder is None else folder / fingerprint
        self._written, self._cost = time.monotonic(), 0.0

    def read(self, warn: Callable[[str], None]) -> State | None:
        """The newest intact state; `warn` gets a sentence about each damaged one."""
        for path in reversed(self._states()):
            try:
                facts, tensors = read_artifact(path)
            except ClassifierError as error:
                warn(f"skipping a damaged checkpoint: {error}")
            else:
                return State(facts["facts"], tensors)
        return None

    def is_due(self) -> bool:
        """Whether it is time to write."""
        return self._folder is not None and time.monotonic() - self._written >= self._cost / WRITING_SHARE

    def write(self, facts: Mapping[str, Any], tensors: dict[str, Tensor]) -> None:
        """Write a state, then delete the older ones."""
        if self._folder is None:
            return
        began, before = time.monotonic(), self._states()
        number = int(before[-1].name) + 1 if before else 0
        write_artifact(self._folder / f"{number:08d}", {"facts": dict(facts)}, tensors)
        for path in before:
            shutil.rmtree(path, ignore_errors=True)  # another worker may have deleted it
        self._written = time.monotonic()
        self._cost = self._written - began

    def _states(self) -> list[Path]:
        """Oldest first."""
        return sorted(self._folder.iterdir()) if self._folder is not None and self._folder.is_dir() else []


def fingerprint(images: InMemory, config: Config, seed: int) -> str:
    """A hash of everything that determines the result: settings, seed, and every micrograph with its class."""
    digest = hashlib.sha256()
    inputs = [config.to_dict(), seed, images.names, images.specimens, images.scales]
    digest.update(json.dumps(inputs, sort_keys=True).encode())
    for pyramid in images.pyramids:
        digest.update(pyramid.levels[0].cpu().numpy().tobytes())
    return digest.hexdigest()[:32]
