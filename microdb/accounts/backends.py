"""Who a user name and a password belong to."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser

from microdb.accounts.models import User


class AccountBackend(AuthenticationBackend):  # type: ignore[misc] # allauth has no types
    """allauth's, which ignores upper and lower case, but takes an exact user name first.

    Older accounts may have names that differ in nothing else; all of them can still sign in.
    """

    def _authenticate_by_username(self, username: str, password: str) -> AbstractBaseUser | None:
        exact = User.objects.filter(username=username).first()
        if exact is not None:
            found: AbstractBaseUser | None = self._check_password(exact, password)
            return found
        folded: AbstractBaseUser | None = super()._authenticate_by_username(username, password)
        return folded
