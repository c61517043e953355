"""Pages for staff."""

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from microdb.upkeep.checking import last_report


@staff_member_required(login_url="accounts:login")  # type: ignore[untyped-decorator] # its stubs have no types
@require_safe
def stored_files(request: HttpRequest) -> HttpResponse:
    """What the latest check of the stored files found."""
    return render(request, "upkeep/stored_files.html", {"report": last_report()})
