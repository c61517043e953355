"""Labelling by several people, and how far they agree."""
