"""The terminal: results on stdout, progress and errors on stderr."""

from rich.console import Console

output = Console()
errors = Console(stderr=True)
