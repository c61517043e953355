"""The pages of a person's API tokens: list, make, change, rotate, revoke."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from microdb.accounts.models import ApiToken
from microdb.accounts.requests import SignedInRequest
from microdb.accounts.services import change_api_token, create_api_token, revoke_api_token, rotate_api_token
from microdb.accounts.token_forms import ApiTokenForm, NewApiTokenForm, RotationForm
from microdb.errors import MicroDBError


@login_required
@require_GET
def token_list(request: SignedInRequest) -> HttpResponse:
    return _list_page(request, NewApiTokenForm(user=request.user))


@login_required
@require_POST
@never_cache
def token_create(request: SignedInRequest) -> HttpResponse:
    form = NewApiTokenForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            _token, secret = create_api_token(user=request.user, expires_at=form.expires_at, **form.rights)
            return _list_page(request, NewApiTokenForm(user=request.user), secret)
        except MicroDBError as error:
            form.add_error(None, error.message)
    return _list_page(request, form)


@login_required
def token_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    token = _own(request, pk)
    form = ApiTokenForm(request.POST or None, user=request.user, token=token)
    if request.method == "POST" and form.is_valid():
        change_api_token(token=token, **form.rights)
        messages.success(request, _("Saved."))
        return redirect("accounts:token_list")
    return render(request, "accounts/apitoken_edit.html", {"token": token, "form": form, "rotation": RotationForm()})


@login_required
@require_POST
@never_cache
def token_rotate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the new secret; the old one stops now or after the time that was chosen."""
    token, form = _own(request, pk), RotationForm(request.POST)
    if not form.is_valid():
        page = {"token": token, "form": ApiTokenForm(user=request.user, token=token), "rotation": form}
        return render(request, "accounts/apitoken_edit.html", page)
    secret = rotate_api_token(token=token, grace=form.cleaned_data["grace"])
    return _list_page(request, NewApiTokenForm(user=request.user), secret)


@login_required
@require_POST
def token_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    revoke_api_token(token=_own(request, pk))
    messages.success(request, _("The token no longer works."))
    return redirect("accounts:token_list")


def _own(request: SignedInRequest, pk: int) -> ApiToken:
    return get_object_or_404(ApiToken, pk=pk, user=request.user)


def _list_page(request: SignedInRequest, form: NewApiTokenForm, secret: str = "") -> HttpResponse:
    tokens = list(request.user.api_tokens.order_by("-created_at", "-pk"))
    names = dict(request.user.datasets.values_list("pk", "name"))
    rows = [(token, _dataset_names(token, names)) for token in tokens]
    return render(request, "accounts/apitoken_list.html", {"rows": rows, "form": form, "secret": secret})


def _dataset_names(token: ApiToken, names: dict[int, str]) -> str:
    if token.only_datasets is None:
        return _("all")
    return ", ".join(names[pk] for pk in token.only_datasets if pk in names) or _("none")
