"""``python -m microdb.client``."""

import sys

from microdb.client.command_line import main

if __name__ == "__main__":
    sys.exit(main())
