"""Image files from anywhere, read so that none can stop or fill the process that asks.

    isolation   asks a child process for the gray values of a file, with limits on time and memory
    reader      the child process
    gray        the gray values of a file that is within the bounds
    bounds      its format, size and number of pixels
    parts       how many parts it is made of, and whether its pixels are all there

The site has the same bounds for uploads; `tests/test_image_readers.py` holds both equal.
"""
