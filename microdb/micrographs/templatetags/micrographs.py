"""Tags of dataset pages, also for the rooms above."""

from django import template
from django.template.context import Context

from microdb.micrographs.access.abilities import Abilities, abilities_in

register = template.Library()


@register.simple_tag(takes_context=True)
def abilities(context: Context) -> Abilities:
    """``{% abilities as may %}``: what the person may do in the page's dataset, as may.label, may.curate, may.own."""
    return context.get("may") or abilities_in(context["dataset"], context["user"])


@register.filter
def significant(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits, never in exponent notation: 0.515, 12.3, 265000."""
    if value is None:
        return ""
    short = float(f"{value:.{digits}g}")
    return f"{short:.0f}" if abs(short) >= 10 ** (digits - 1) else f"{short:.12f}".rstrip("0").rstrip(".")
