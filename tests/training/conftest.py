"""Fixtures of a trained model."""

from tests.trained import add_drawn, drawn, tiny_classifier, trained  # noqa: F401 # fixtures
