"""Numbers of the results pages as people read them."""

from collections.abc import Iterable

from django import template

from microdb.micrographs.templatetags.micrographs import percent
from microdb.quizzes.exhibits.writing import cell
from microdb.training.templatetags.training_format import p_value, signed_points

register = template.Library()
register.filter("percent", percent)
register.filter("points", signed_points)
register.filter("p_value", p_value)
register.filter("cell", cell)


@register.filter
def field_length(micrometres: float) -> str:
    """0.5 -> 500 nm, 62.58 -> 62.6 µm, 1250 -> 1.25 mm."""
    for unit, size in (("mm", 1000.0), ("µm", 1.0)):
        if micrometres >= size:
            return f"{micrometres / size:.3g} {unit}"
    return f"{micrometres * 1000:.3g} nm"


@register.filter
def unlocalized(number: float) -> str:
    """For attributes, which want a point whatever the language."""
    return f"{number:.4f}"


@register.filter
def position_of(label: str, positions: dict[str, int]) -> int | str:
    """The position that decides a class's colour and shape; empty for none of these."""
    return positions.get(label, "")


@register.filter
def beside(first: Iterable[object], second: Iterable[object]) -> list[tuple[object, object]]:
    """The items of two lists in pairs."""
    return list(zip(first, second, strict=False))


@register.filter
def whole_points(difference: float) -> str:
    """0.08 -> 8."""
    return f"{100 * difference:.0f}"
