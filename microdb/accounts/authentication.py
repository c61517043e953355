"""Token authentication of the API, and the permissions of a token."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import find_api_token

ANY_SCOPE = ""
"""As a view's ``read_scope``, ``write_scope`` or ``delete_scope``: every token may."""


class ApiTokenAuthentication(BaseAuthentication):
    """``Authorization: Token <secret>``."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"token":
            return None
        token = find_api_token(secret=words[1].decode("latin-1")) if len(words) == 2 else None
        if token is None:
            raise AuthenticationFailed(_("This token is not valid. Make one on your page API tokens."))
        if token.is_expired:
            raise AuthenticationFailed(
                _("This token expired on %s. Rotate it or make another one on your page API tokens.")
                % f"{token.expires_at:%Y-%m-%d}",
                code="token_expired",
            )
        token.user.only_datasets = token.only_datasets
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # its __init_subclass__ has no types
    """How the OpenAPI schema describes the token."""

    target_class = ApiTokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token <your token>"}


class HasScope(BasePermission):
    """Signed in, and with a token also in the scope that the view asks for this method.

    That is ``read`` for reading, ``upload`` for writing and ``curate`` for deleting, unless the view names others in
    ``read_scope``, ``write_scope`` and ``delete_scope``.
    """

    code = "missing_scope"

    def has_permission(self, request: Request, view: Any) -> bool:
        if not (request.user and request.user.is_authenticated):
            return False
        needed = needed_scope(view, str(request.method))
        if not isinstance(request.auth, ApiToken) or needed == ANY_SCOPE or needed in request.auth.scopes:
            return True
        self.message = _("This needs a token with the scope %(needed)s; yours has %(given)s.") % {
            "needed": needed,
            "given": ", ".join(request.auth.scopes),
        }
        return False


class IsPersonHere(BasePermission):
    """Signed in with a password, not with a token: nobody can make a token out of a stolen one."""

    code = "sign_in_needed"
    message = _("A token can't do this. Sign in and do it on your page API tokens.")

    def has_permission(self, request: Request, view: Any) -> bool:
        return not isinstance(request.auth, ApiToken)


def needed_scope(view: Any, method: str) -> str:
    """The scope that a token needs for a request of this method to the view."""
    if method in SAFE_METHODS:
        return str(getattr(view, "read_scope", ApiToken.Scope.READ))
    if method == "DELETE":
        return str(getattr(view, "delete_scope", ApiToken.Scope.CURATE))
    return str(getattr(view, "write_scope", ApiToken.Scope.UPLOAD))
