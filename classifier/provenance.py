"""Where and with which code a model was trained."""

import hashlib
from functools import lru_cache
from pathlib import Path

import torch

ROOT = Path(__file__).parent


def device_name(device: torch.device) -> str:
    """The graphics card's name, or the number of threads of a processor."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{device.type}, {torch.get_num_threads()} threads"


@lru_cache(maxsize=1)
def code_version() -> str:
    """A hash over the classifier's source files and the version of torch: equal ones compute alike."""
    digest = hashlib.sha256(torch.__version__.encode())
    for path in sorted(ROOT.rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
