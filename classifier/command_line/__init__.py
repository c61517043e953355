"""The command line, `python -m classifier`: a file for each command."""
