"""The components of the design system that have more than one element (docs/design.md)."""

import re

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from microdb.micrographs.models import NONE_OF_THESE

register = template.Library()

PART = re.compile(r"[^-_/+]*[-_/+]+|[^-_/+]+")
"""A part of a name with the signs that join it to the next."""
WORD_BREAK = SafeString("<wbr>")


@register.filter
def breakable(name: object) -> SafeString:
    """A name that may break where its parts are joined rather than within a word; that of none of these in words."""
    shown = _("None of these") if name == NONE_OF_THESE else str(name)
    return format_html_join(WORD_BREAK, "{}", ((part,) for part in PART.findall(shown)))


@register.inclusion_tag("components/class_chip.html")
def class_chip(name: str, position: int | str | None = None) -> dict[str, object]:
    """The mark and the name of the class at ``position``; without one, of none of these."""
    return {"name": name, "position": "" if position is None else position}
