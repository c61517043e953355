"""The pages of public datasets that people may read without an account."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]


def open_to_visitors(view: View) -> View:
    """Instead of ``login_required``: who is not signed in gets what the view finds for them, and is asked to sign in
    where that is nothing, so that nobody learns which private datasets there are.

    The view finds what it shows by ``readable_or_404`` or ``readable_by``.
    """

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method in ("GET", "HEAD"):
            try:
                return view(request, *args, **kwargs)
            except Http404:
                pass
        return redirect_to_login(request.get_full_path())

    return asking
