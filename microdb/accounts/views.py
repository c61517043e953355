"""The profile page: a person's expertise and API tokens."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from microdb.accounts.forms import ApiTokenForm, ProfileForm
from microdb.accounts.models import ApiToken
from microdb.accounts.requests import SignedInRequest
from microdb.accounts.services import create_api_token


@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    return _profile_page(request, form=form)


@login_required
@require_POST
def token_create(request: SignedInRequest) -> HttpResponse:
    form = ApiTokenForm(request.POST)
    if not form.is_valid():
        return _profile_page(request, token_form=form)
    _token, secret = create_api_token(user=request.user, **form.cleaned_data)
    return _profile_page(request, secret=secret)


@login_required
@require_POST
def token_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    get_object_or_404(ApiToken, pk=pk, user=request.user).delete()
    messages.success(request, _("The token no longer works."))
    return redirect("accounts:profile")


def _profile_page(
    request: SignedInRequest,
    *,
    form: ProfileForm | None = None,
    token_form: ApiTokenForm | None = None,
    secret: str = "",
) -> HttpResponse:
    context = {
        "form": form or ProfileForm(instance=request.user),
        "token_form": token_form or ApiTokenForm(initial={"scopes": ApiToken.Scope.values}),
        "tokens": request.user.api_tokens.order_by("-created_at"),
        "secret": secret,
    }
    return render(request, "accounts/user_profile.html", context)
