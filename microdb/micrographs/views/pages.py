"""What the pages of a dataset share: their frame, and how a mistake is shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.access.abilities import abilities_in
from microdb.micrographs.models import Dataset


def dataset_page(
    request: SignedInRequest, template: str, dataset: Dataset, tab: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page of a dataset, whose template gets what the person may do."""
    frame = {"dataset": dataset, "tab": tab, "may": abilities_in(dataset, request.user)}
    return render(request, template, frame | context, status=status)


def fresh_sentence(request: SignedInRequest, dataset: Dataset, key: str) -> str:
    """The sentence of what the session keeps under ``key`` to undo; shown once, like a message."""
    kept = request.session.get(key)
    if not kept or kept["dataset"] != dataset.pk or kept.get("shown"):
        return ""
    kept["shown"] = True
    request.session.modified = True
    return str(kept["sentence"])


def back_to(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the page of this site from which the form was sent, which its field ``back`` names, or else to another."""
    target = request.POST.get("back", "")
    own = url_has_allowed_host_and_scheme(target, allowed_hosts=None) and target.startswith("/")
    return redirect(target if own else otherwise)


@contextmanager
def mistakes_shown(request: HttpRequest) -> Iterator[None]:
    """Show a mistake as a message on the next page."""
    try:
        yield
    except MicroDBError as error:
        messages.error(request, error.message)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))


def json_mistakes(view: Callable[..., JsonResponse]) -> Callable[..., JsonResponse]:
    """Answer a mistake as ``{"code", "message"}``, for pages that send without a reload."""

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        try:
            return view(request, *args, **kwargs)
        except MicroDBError as error:
            return JsonResponse({"code": error.code, "message": error.message}, status=400)

    return answering


def form_sentence(form: Any) -> str:
    """All mistakes of a form as one text, each with the name of its field."""
    sentences = []
    for name, errors in form.errors.items():
        label = f"{form[name].label}: " if name in form.fields else ""
        sentences += [f"{label}{error}" for error in errors]
    return " ".join(sentences) or _("Some fields are not right.")
