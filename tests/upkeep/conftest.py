"""Fixtures of stored micrographs."""

from tests.micrographs.conftest import add, media  # noqa: F401 # fixtures
