"""Child processes: start, watch, restart, stop, and recognise what a crash left. Knows nothing of the site."""
