"""Ten thousand micrographs of the usual size: each a place of a real or drawn one that no other shows."""

import csv
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image, ImageOps

WIDTH, HEIGHT = 645, 481
MANIFEST = "micrographs.csv"


@dataclass(frozen=True)
class Source:
    path: Path
    pixels_per_micrometre: str


def sources(manifest: Path) -> list[Source]:
    with manifest.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [Source(manifest.parent / row["filename"], row["pixels_per_micrometre"]) for row in rows]


def make_files(folder: Path, originals: list[Source], count: int) -> None:
    """``count`` PNG files in folders of a hundred, and a manifest with their scales."""
    names = [f"{number // 100:03d}/field-{number:05d}.png" for number in range(count)]
    chosen = [originals[number % len(originals)] for number in range(count)]
    for name in names[::100]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(partial(_make, folder), names, (one.path for one in chosen), range(count), chunksize=100))
    with (folder / MANIFEST).open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["filename", "pixels_per_micrometre"])
        lines.writerows(zip(names, (one.pixels_per_micrometre for one in chosen), strict=True))


def _make(folder: Path, name: str, original: Path, seed: int) -> None:
    """Turn the micrograph, continued by its mirror images, by any angle about any of its points: the scale stays."""
    chance = random.Random(seed)
    with Image.open(original) as opened:
        picture = opened.convert("L")
    width, height = picture.size
    continued = Image.new("L", (3 * width, 3 * height))
    for column in range(3):
        for row in range(3):
            tile = ImageOps.mirror(picture) if column != 1 else picture
            continued.paste(ImageOps.flip(tile) if row != 1 else tile, (column * width, row * height))
    centre = (width * (1 + chance.random()), height * (1 + chance.random()))
    turned = continued.rotate(chance.uniform(0, 360), Image.Resampling.BICUBIC, center=centre)
    left, top = round(centre[0] - WIDTH / 2), round(centre[1] - HEIGHT / 2)
    turned.crop((left, top, left + WIDTH, top + HEIGHT)).save(folder / name, compress_level=1)
