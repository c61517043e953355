"""Drawn textures with a known class and scale, and a classifier small enough to train in seconds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from classifier import Classifier, Config, Sample

torch.set_num_threads(1)  # tensors this small gain nothing from a second thread

TINY = Config(recipe="paper").changed(
    triplets={"learning_rate": 1e-2, "descriptor_dimensions": 2, "steps": 120, "crops_per_class": 8},
    paper={
        "training_rejection": 0.1,
        "part_share": 0.0,
        "unshuffle": 2,
        "widths": (8, 16),
        "depths": (1, 1),
        "hidden": 16,
        "mixture_crops": 256,
    },
    crops={"size": 32, "smallest": 0.5},
    scoring={"crops_per_image": 96, "round_crops": 16},
)


def stripes(rng: np.random.Generator, shape: tuple[int, int] = (80, 96), period: float = 8.0) -> NDArray[np.uint8]:
    """Parallel stripes in a random direction."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    angle, phase = rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi)
    wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period + phase)
    return _noisy(wave, rng)


def dots(rng: np.random.Generator, shape: tuple[int, int] = (80, 96)) -> NDArray[np.uint8]:
    """Bright round dots at random places."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    values = np.full(shape, -0.6)
    for _ in range(shape[0] * shape[1] // 150):
        row, column = rng.uniform(0, shape[0]), rng.uniform(0, shape[1])
        values = np.maximum(values, 2 * np.exp(-((x - column) ** 2 + (y - row) ** 2) / 6) - 0.6)
    return _noisy(values, rng)


def _noisy(values: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.uint8]:
    return np.clip(128 + 70 * values + rng.normal(0, 6, values.shape), 0, 255).astype(np.uint8)


def textures(count: int, seed: int = 0) -> list[Sample]:
    """`count` samples of each of two classes, two of a specimen."""
    rng = np.random.default_rng(seed)
    samples = []
    for label, draw in (("dots", dots), ("stripes", stripes)):
        for index in range(count):
            image = draw(rng)
            samples.append(Sample(image, label, 10.0, f"{label}-{index // 2}", f"{label}-{index}.png"))
    return samples


@pytest.fixture(scope="session")
def tiny() -> Config:
    return TINY


@pytest.fixture(scope="session")
def trained() -> Classifier:
    """A classifier of dots and stripes; read only."""
    return Classifier(TINY, seed=1).fit(textures(10))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def write_images(tmp_path: Path) -> Callable[[int], Path]:
    """Writes a folder with one subfolder per class, and its manifest; returns the manifest."""
    from PIL import Image

    def write(count: int) -> Path:
        lines = ["filename,label,pixels_per_micrometre,specimen,modality,split"]
        for index, sample in enumerate(textures(count)):
            path = tmp_path / "images" / str(sample.label) / sample.name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(sample.pixels()).save(path)
            split = "quiz" if index % 5 == 4 else "train"
            lines.append(f"images/{sample.label}/{sample.name},{sample.label},10.0,{sample.specimen},SEM,{split}")
        manifest = tmp_path / "micrographs.csv"
        manifest.write_text("\n".join(lines) + "\n")
        return manifest

    return write
