"""The type of a request behind ``login_required``."""

from django.http import HttpRequest

from microdb.accounts.models import User


class SignedInRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User
