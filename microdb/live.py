"""Fragments of pages that a browser asks for again and again while something runs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from microdb.hashing import text_sha256


def live(request: HttpRequest, template: str, context: dict[str, Any], *, shown: object) -> HttpResponse:
    """The fragment, or 304 where the browser has it as it would be now.

    ``shown``: all that the fragment depends on, as values with a ``repr``. The fragment sends its tag back as
    ``If-None-Match``, so htmx swaps nothing, and screen readers hear nothing, until it differs.
    """
    tag = text_sha256(repr((template, get_language(), request.user.pk, shown)))[:20]
    answer = get_conditional_response(request, etag=f'"{tag}"')
    if answer is None:
        answer = render(request, template, context | {"tag": tag})
    answer["ETag"], answer["Cache-Control"] = f'"{tag}"', "private, no-store"
    return answer
