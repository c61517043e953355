"""Stored masked rectangles as the classifier takes them."""

from collections.abc import Iterable, Mapping

from classifier import Rectangle


def rectangles(masked: Iterable[Mapping[str, int]]) -> list[Rectangle]:
    """What lies below a data bar, outside the pixels that the classifier gets, has no effect there."""
    return [Rectangle(one["x"], one["y"], one["width"], one["height"]) for one in masked]
