"""Image files: formats, decoding in an isolated process, what is measured of the pixels, and what is shown."""
