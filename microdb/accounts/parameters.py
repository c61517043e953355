"""Query parameters: each address takes those that it declares, and refuses all others."""

from collections.abc import Collection, Iterable
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from microdb.errors import MicroDBError

PAGING = frozenset({"page", "page_size"})
ALWAYS = frozenset({"format"})
"""What the framework itself takes."""


class KnownParameters(BasePermission):
    """Answers 400 to an unknown query parameter, instead of the unfiltered list that a typo would give.

    A view declares the parameters of a method as ``get_parameters`` or ``post_parameters``. Those of its filterset and
    its pages count as declared. It is no permission, but asked at the same moment: once it is known who asks.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method != "OPTIONS":
            refuse_unknown_parameters(request, declared_parameters(view, str(request.method)))
        return True


def declared_parameters(view: Any, method: str) -> Collection[str]:
    """The names of the query parameters that a view takes with this method."""
    if method not in ("GET", "HEAD"):
        return set(getattr(view, f"{method.lower()}_parameters", ()))
    declared = set(getattr(view, "get_parameters", ()))
    if filterset := getattr(view, "filterset_class", None):
        declared.update(filterset.base_filters)
    return declared | PAGING if isinstance(view, ListModelMixin) else declared


def refuse_unknown_parameters(request: Request, known: Iterable[str]) -> None:
    """Raise MicroDBError for a query parameter that is none of ``known``."""
    known = set(known)
    if unknown := sorted(set(request.query_params) - known - ALWAYS):
        raise MicroDBError(
            _("No filter or parameter of this address: %(unknown)s. It takes: %(known)s.")
            % {"unknown": ", ".join(unknown)[:200], "known": ", ".join(sorted(known)) or _("none")},
            code="unknown_filter",
        )
