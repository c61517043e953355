"""The state of a training on disk: one that was stopped or killed goes on where it was, to the very same result.

A state is written as an artifact is, safetensors and JSON, both with their checksums, into a folder named by its
number; the one before it goes only when the new one is whole, so that a kill at any instruction leaves one.
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
"""Share of the time that may go into writing: the less a state weighs, the oftener it is kept."""


@dataclass(frozen=True)
class State:
    """What was written: JSON-able `facts`, and `tensors` by name."""

    facts: dict[str, Any]
    tensors: dict[str, Tensor]


class Checkpoint:
    """Where one training keeps its state; without a folder nothing is kept.

    `fingerprint` tells trainings apart: in the same folder, another one finds nothing to go on from.
    """

    def __init__(self, folder: Path | None, fingerprint: str) -> None:
        self._folder = None if folder is None else folder / fingerprint
        self._written, self._cost = time.monotonic(), 0.0

    def read(self, tell: Callable[[str], None]) -> State | None:
        """The newest state that is whole; `tell` hears of any that is damaged."""
        for path in reversed(self._states()):
            try:
                facts, tensors = read_artifact(path)
            except ClassifierError as error:
                tell(f"not going on from this state: {error}")
            else:
                return State(facts["facts"], tensors)
        return None

    def is_due(self) -> bool:
        """Whether it is time to write."""
        return self._folder is not None and time.monotonic() - self._written >= self._cost / WRITING_SHARE

    def write(self, facts: Mapping[str, Any], tensors: dict[str, Tensor]) -> None:
        """Write a state, then drop the older ones."""
        if self._folder is None:
            return
        began, before = time.monotonic(), self._states()
        number = int(before[-1].name) + 1 if before else 0
        write_artifact(self._folder / f"{number:08d}", {"facts": dict(facts)}, tensors)
        for path in before:
            shutil.rmtree(path, ignore_errors=True)  # a worker that was thought lost may have done so
        self._written = time.monotonic()
        self._cost = self._written - began

    def _states(self) -> list[Path]:
        """Oldest first."""
        return sorted(self._folder.iterdir()) if self._folder is not None and self._folder.is_dir() else []


def fingerprint(images: InMemory, config: Config, seed: int) -> str:
    """Of all that settles what a training comes to: settings, seed and every micrograph with its class."""
    digest = hashlib.sha256()
    what = [config.to_dict(), seed, images.names, images.specimens, images.scales]
    digest.update(json.dumps(what, sort_keys=True).encode())
    for pyramid in images.pyramids:
        digest.update(pyramid.levels[0].cpu().numpy().tobytes())
    return digest.hexdigest()[:32]
