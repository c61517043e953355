"""The page with every component of the design system, for staff: docs/design.md has the rules."""

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

COMPONENTS = {
    "type": _("Type"),
    "colour": _("Colour"),
    "button": _("Button"),
    "field": _("Field"),
    "class_chip": _("Class chip"),
    "badge": _("Badge"),
    "card": _("Card and facts"),
    "table": _("Table"),
    "progress": _("Progress and meters"),
    "toast": _("Notice and toast"),
    "dialog": _("Dialog"),
    "menu": _("Menu"),
    "empty": _("Empty state"),
    "tile": _("Tile"),
    "tabs": _("Tabs and crumbs"),
    "key": _("Key hint"),
}
"""Each has a template in ``templates/components/examples/``."""
TOKENS = ("page", "surface", "surface-2", "line", "text", "text-2", "accent", "good", "warn", "bad", "mat")
CLASSES = ("ferrite", "pearlite", "bainite", "martensite")


@staff_member_required(login_url="accounts:login")  # type: ignore[untyped-decorator] # its stubs have no types
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    shown = {"components": COMPONENTS, "tokens": TOKENS, "classes": CLASSES, "themes": ("light", "dark")}
    return render(request, "components.html", shown)
