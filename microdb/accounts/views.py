"""The profile page, ending a session, and confirming who you are at the identity provider."""

from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url
from allauth.usersessions.adapter import get_adapter as get_sessions_adapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from microdb.accounts import provider_check
from microdb.accounts.forms import ProfileForm
from microdb.accounts.requests import SignedInRequest


@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/user_profile.html", {"form": form})


@login_required
@require_POST
def session_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End one of one's other sessions."""
    others = UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key)
    get_sessions_adapter().end_sessions([get_object_or_404(others, pk=pk)])
    messages.success(request, _("The session has ended."))
    return redirect("usersessions_list")


@login_required
@never_cache
def confirm_at_provider(request: SignedInRequest) -> HttpResponse:
    """Confirm who you are at the identity provider; without one, read what to do.

    The provider sends the browser back here, and the page goes on with what was asked for before.
    """
    provider = provider_check.provider_of(request.user)
    if request.method == "POST" and provider:
        come_back = passthrough_next_redirect_url(request, request.path, REDIRECT_FIELD_NAME)
        return provider_check.ask_provider(request, provider, come_back)
    if provider_check.has_confirmed(request):
        return resume_request(request) or redirect("mfa_index")
    next_url = get_next_redirect_url(request) or ""
    return render(request, "accounts/confirm_at_provider.html", {"provider": provider, "next_url": next_url})
