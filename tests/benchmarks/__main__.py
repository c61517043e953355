"""``make bench``: this program and its baselines, measured in the same run; see classifier/benchmark.

Uses the real micrographs in ../shared if they are there, else drawn ones under VAR.
"""

import os
import subprocess
import sys
from pathlib import Path

from PIL import Image

from classifier import DRAWN_CLASSES, draw_micrograph

ROOT = Path(__file__).resolve().parent.parent.parent
REAL = ROOT.parent / "shared" / "data" / "uhcs" / "micrographs.csv"
SPECIMENS, PER_SPECIMEN = 5, 3
"""Of each class; the last specimen is the quiz."""
SCALE = 12.0


def drawn(folder: Path) -> Path:
    """The manifest of a drawn dataset of 75 micrographs, made where it is missing."""
    manifest = folder / "micrographs.csv"
    if manifest.exists():
        return manifest
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["filename,label,pixels_per_micrometre,specimen,split"]
    for material in DRAWN_CLASSES:
        for specimen in range(SPECIMENS):
            for seed in range(PER_SPECIMEN):
                name = f"{material}-{specimen}-{seed}.png"
                pixels = draw_micrograph(material, pixels_per_micrometre=SCALE, seed=seed, specimen=specimen)
                Image.fromarray(pixels).save(folder / name)
                split = "quiz" if specimen == SPECIMENS - 1 else "train"
                rows.append(f"{name},{material},{SCALE},{material}-{specimen},{split}")
    manifest.write_text("\n".join(rows) + "\n")
    return manifest


def main() -> int:
    var = Path(os.environ.get("VAR", ROOT / "var")).resolve()
    manifest = REAL if REAL.exists() else drawn(var / "drawn")
    command = [sys.executable, "-m", "classifier", "bench", str(manifest), "--json", str(var / "bench.json")]
    return subprocess.run([*command, *sys.argv[1:]], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
