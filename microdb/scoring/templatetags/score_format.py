"""How ranks, errors and area fractions of scores are written on pages."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def strangeness(outside_rank: float) -> str:
    """How a micrograph ranks among the known ones: the share that looks more familiar, of a hundred."""
    if outside_rank >= 1:
        return _("Stranger than all known micrographs.")
    if outside_rank < 0.01:
        return _("No stranger than any known micrograph.")
    number = {"count": int(100 * outside_rank + 1e-9)}
    return _("Stranger than %(count)d of 100 known micrographs.") % number


@register.filter
def small_points(share: float | None) -> str:
    """A standard error in percentage points; a very small one is not called zero."""
    if share is None:
        return "—"
    return _("less than 0.1 points") if share < 0.0005 else _("%.1f points") % (100 * share)


@register.filter
def points_share(share: float | None) -> str:
    """A share of points as a percentage with one decimal; empty where there is none."""
    return "" if share is None else f"{100 * share:.1f} %"
