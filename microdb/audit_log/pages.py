"""What the log's pages share: filters, a page of lines, and the downloads of what is filtered."""

from typing import Any

from django.http import Http404, HttpRequest, StreamingHttpResponse

from microdb.audit_log.export import log_download
from microdb.audit_log.forms import LogFilterForm
from microdb.audit_log.lines import log_page
from microdb.audit_log.masking import Mask
from microdb.audit_log.models import EntryQuerySet
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb


def log_context(request: HttpRequest, entries: EntryQuerySet) -> dict[str, Any]:
    """Filtered lines, after the entry ``?before=``."""
    form = LogFilterForm(request.GET)
    given = request.GET.get("before", "")
    before = entries.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 19 else None
    if given and before is None:
        raise Http404
    query = request.GET.copy()
    query.pop("before", None)
    page = log_page(form.apply(entries), Mask(request.user), before)
    return {"filter_form": form, "page": page, "query": query.urlencode(), "is_first": before is None}


def log_file(request: HttpRequest, entries: EntryQuerySet, kind: str, dataset: Any = None) -> StreamingHttpResponse:
    """The filtered entries as a file. The download is recorded too."""
    if request.method == "GET":
        record(Verb.LOG_EXPORTED, dataset=dataset, format=kind, filters=request.GET.urlencode())
    name = f"{dataset.slug}-log" if dataset else "microdb-log"
    return log_download(LogFilterForm(request.GET).apply(entries), Mask(request.user), kind, name)
