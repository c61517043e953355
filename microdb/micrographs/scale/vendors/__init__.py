"""One module per vendor or program: the TIFF tags that it writes, and the pixel size in them."""
