"""Many people at the same time on a large database: ``make load``, or ``python -m tests.load``."""
