"""python -m classifier train | score | evaluate | bench."""

import sys

from classifier.command_line.main import main

if __name__ == "__main__":
    sys.exit(main())
