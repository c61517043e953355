"""How shares and durations are written on pages."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _

from microdb.micrographs.templatetags.micrographs import percent

register = template.Library()
register.filter("percent", percent)


@register.filter
def short_bounded_percent(share: float | None) -> str:
    """A share that few micrographs support: never 0 or 100 %."""
    if share is not None and share < 0.005:
        return "<1 %"
    return ">99 %" if share is not None and share > 0.995 else percent(share)


@register.filter
def points(share: float | None) -> str:
    """A small share as percentage points with one decimal."""
    return "—" if share is None else _("%.1f points") % (100 * share)


@register.filter
def signed_points(difference: float) -> str:
    """0.08 -> +8 points."""
    return _("%+.0f points") % (100 * difference)


@register.filter
def p_value(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


@register.filter
def duration(elapsed: timedelta) -> str:
    """Minutes and seconds, with hours where there are some."""
    seconds = int(elapsed.total_seconds())
    hours, minutes = seconds // 3600, seconds // 60 % 60
    parts = {"hours": hours, "minutes": minutes, "seconds": seconds % 60}
    if hours:
        return _("%(hours)d h %(minutes)d min") % parts
    return _("%(minutes)d min %(seconds)d s") % parts if minutes else _("%(seconds)d s") % parts
