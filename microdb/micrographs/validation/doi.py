"""DOIs, as people paste them."""

import re

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.micrographs.validation.text import clean_text

BEFORE = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[!-~]+")
"""The prefix of a registrant, and what the registrant chose (DOI Handbook, 2.2), here without letters beyond ASCII."""


def clean_doi(given: str) -> str:
    """The bare DOI, also of a link to it; empty for an empty text. Raises MicroDBError for anything else."""
    text = BEFORE.sub("", clean_text(given, what=_("the DOI"), most=200))
    if text and not DOI.fullmatch(text):
        raise MicroDBError(
            _("A DOI begins with “10.”, such as 10.5281/zenodo.1234; “%s” was given. Copy it from the record.") % text,
            code="bad_doi",
        )
    return text
