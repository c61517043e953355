"""The documentation at ``/docs/``: the pages that ``make docs`` built, for everybody."""

import base64
import hashlib
import mimetypes
import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
POLICY = (
    "default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""As on every page of the site, except for what the theme writes into its pages: the scripts that stand in the page
itself, by their hashes, and styles."""


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponseBase:
    """A file of the documentation; a page that says so where it was not built."""
    root = Path(settings.DOCS).resolve()
    if not (root / "index.html").exists():
        return render(request, "front/documentation_missing.html", status=404)
    file = (root / name).resolve()
    if not file.is_relative_to(root):
        raise Http404
    if (file / "index.html").is_file():
        return redirect(reverse("documentation_page", args=[f"{name.rstrip('/')}/index.html"]))
    if not file.is_file():
        raise Http404(_("The documentation has no page “%s”.") % name)
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind == "text/html":
        return _html(file.read_bytes())
    return FileResponse(file.open("rb"), content_type=kind, headers={"Cache-Control": "max-age=3600"})


def _html(content: bytes) -> HttpResponse:
    digests = {base64.b64encode(hashlib.sha256(script).digest()) for script in INLINE_SCRIPT.findall(content)}
    scripts = " ".join(f"'sha256-{digest.decode()}'" for digest in sorted(digests))
    return HttpResponse(content, headers={"Content-Security-Policy": POLICY.format(scripts=scripts)})
