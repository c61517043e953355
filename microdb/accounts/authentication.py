"""Token authentication of the API, and the permissions of a token."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import find_api_token


class ApiTokenAuthentication(BaseAuthentication):
    """``Authorization: Token <secret>``."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"token":
            return None
        token = find_api_token(secret=words[1].decode("latin-1")) if len(words) == 2 else None
        if token is None:
            raise AuthenticationFailed("This token is not valid. Make one with: manage.py api_token USER")
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
    """Signed in, and with a token also in scope: ``read`` for reading, the view's ``write_scope`` for writing.

    A view in which even reading needs more than ``read`` names that in ``read_scope``.
    """

    message = "This token lacks the scope that the request needs."

    def has_permission(self, request: Request, view: Any) -> bool:
        if not (request.user and request.user.is_authenticated):
            return False
        if not isinstance(request.auth, ApiToken):
            return True
        reading = request.method in ("GET", "HEAD", "OPTIONS")
        needed = getattr(view, "read_scope", "read") if reading else getattr(view, "write_scope", "upload")
        return needed in request.auth.scopes
