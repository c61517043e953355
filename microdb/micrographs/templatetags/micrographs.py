"""Tags of dataset pages, also for the rooms above."""

from typing import Any
from uuid import UUID

from django import template
from django.conf import settings
from django.template.context import Context

from microdb.addresses import address_of_row
from microdb.file_names import SIDECAR_ENDINGS
from microdb.manifest import MANIFEST, SPECIMENS
from microdb.micrographs.access.abilities import Abilities, abilities_in
from microdb.micrographs.import_export.dataset_json import DATASET_JSON
from microdb.micrographs.import_export.export import CARD

register = template.Library()


@register.simple_tag(takes_context=True)
def abilities(context: Context) -> Abilities:
    """``{% abilities as may %}``: what the person may do in the page's dataset, as may.label, may.curate, may.own."""
    return context.get("may") or abilities_in(context["dataset"], context["user"])


@register.simple_tag
def upload_limits() -> dict[str, Any]:
    """``{% upload_limits as limits %}``: what an upload page may send, for its script and its file pickers."""
    return {
        "accept": ",".join(("image/*", ".tif", ".tiff", ".bmp", ".zip", ".csv", *SIDECAR_ENDINGS)),
        "fileBytes": settings.UPLOAD_MAX_BYTES,
        "filesAtOnce": 3,
        "hashesAtOnce": 20,
        "statesAtOnce": 100,  # ids in one address
        "manifest": MANIFEST,
        "specimens": SPECIMENS,
        "sidecar": list(SIDECAR_ENDINGS),
        "ignored": [DATASET_JSON, CARD],  # the other files of an export
    }


@register.simple_tag
def row_url(name: str, pk: UUID, *before: str) -> str:
    """As ``url`` of the route ``name`` with ``before`` and ``pk``, for pages of many rows."""
    return address_of_row(name, pk, *before)


@register.filter
def percent(share: float | None) -> str:
    """A share from 0 to 1 as a whole percentage; a dash for None."""
    return "—" if share is None else f"{100 * share:.0f} %"


@register.filter
def significant(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits, never in exponent notation: 0.515, 12.3, 265000."""
    if value is None:
        return ""
    short = float(f"{value:.{digits}g}")
    return f"{short:.0f}" if abs(short) >= 10 ** (digits - 1) else f"{short:.12f}".rstrip("0").rstrip(".")
