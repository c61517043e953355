"""The log of the whole site, for staff. An owner's page of one dataset is a view of the micrographs room."""

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from microdb.audit_log.models import Entry
from microdb.audit_log.pages import log_context, log_file


@staff_member_required(login_url="accounts:login")  # type: ignore[untyped-decorator] # its stubs have no types
@require_safe
def site_log(request: HttpRequest) -> HttpResponse:
    return render(request, "audit_log/entry_list.html", log_context(request, Entry.objects.all()))


@staff_member_required(login_url="accounts:login")  # type: ignore[untyped-decorator] # its stubs have no types
@require_safe
def site_log_file(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    return log_file(request, Entry.objects.all(), kind)
