"""The picture that is in most of the files."""

import numpy as np

WIDTH, HEIGHT = 64, 48
PIXELS = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
