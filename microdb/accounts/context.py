"""What every template may ask about accounts."""

from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest


def accounts(request: HttpRequest) -> dict[str, Any]:
    """Whether the site sends e-mail, and whether this browser may sign up, which is looked up when it is asked."""
    return {
        "sends_email": settings.SENDS_EMAIL,
        "demo": settings.DEMO,
        "may_sign_up": partial(get_adapter(request).is_open_for_signup, request),
    }
