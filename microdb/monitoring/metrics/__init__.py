"""Prometheus metrics: of requests, of jobs that ended, and of what the rows and the machine show now.

Each metric is declared once, with its help text; ``docs/reference/metrics.md`` lists them.
"""
