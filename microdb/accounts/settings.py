"""The part of the settings that is about accounts: signing in, invitations, e-mail. ``microdb.settings`` imports it."""

import os
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["microdb.accounts.backends.AccountBackend"]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "micrographs:dataset_list"
LOGOUT_REDIRECT_URL = "accounts:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

# Signing up and in
SIGN_UP = os.environ.get("SIGN_UP") == "1"  # anybody may; people with an invitation always may
INVITATION_DAYS = int(os.environ.get("INVITATION_DAYS", 14))
ACCOUNT_ADAPTER = "microdb.micrographs.access.invited.InvitedAccountAdapter"
ACCOUNT_FORMS = {
    "login": "microdb.accounts.allauth_forms.SignInForm",
    "signup": "microdb.accounts.allauth_forms.SignUpForm",
    "add_email": "microdb.accounts.allauth_forms.EmailAddressForm",
    "change_password": "microdb.accounts.allauth_forms.ChangePasswordForm",
    "set_password": "microdb.accounts.allauth_forms.SetPasswordForm",
    "reset_password": "microdb.accounts.allauth_forms.ForgottenPasswordForm",
    "reset_password_from_key": "microdb.accounts.allauth_forms.ResetPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # for those who sign up; see accounts.adapter
ACCOUNT_CHANGE_EMAIL = True  # one address, which changes once the new one is verified
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[MicroDB] "
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
USERSESSIONS_ADAPTER = "microdb.accounts.sessions.SessionsAdapter"
USERSESSIONS_TRACK_ACTIVITY = False

# How often: a course of students behind one address signs up and in within a minute. accounts.lockout has the limits
# of failed attempts to sign in, and uses "login_failed" by name and browser.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "signup": "100/m/ip",
    "reset_password": "60/m/ip,5/m/key",
    "login_failed": "10/5m/key",
    "login_failed_anywhere": "100/h/key",
    "login_failed_address": "200/5m/key",
}

# Second factors and passkeys
MFA_ADAPTER = "microdb.accounts.second_factors.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "microdb.accounts.allauth_forms.TurnOnAppForm",
    "add_webauthn": "microdb.accounts.allauth_forms.AddKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an account that an administrator made may have no address
MFA_TOTP_ISSUER = "MicroDB"
MFA_TOTP_TOLERANCE = 1
MFA_RATE_LIMITS = {"webauthn_login": "100/m/ip"}

# An identity provider of the organisation
SOCIALACCOUNT_ADAPTER = "microdb.accounts.oidc.OidcAdapter"
SOCIALACCOUNT_FORMS = {"signup": "microdb.accounts.allauth_forms.SignUpByProviderForm"}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # to an account that has verified the same address
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
OIDC_SIGN_UP = os.environ.get("OIDC_SIGN_UP") == "1"


def _oidc_providers(server_url: str) -> dict[str, Any]:
    for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        if not os.environ.get(name):
            raise ImproperlyConfigured(f"Set {name}, which the identity provider at OIDC_SERVER_URL gave this site.")
    provider = {
        "provider_id": "organisation",
        "name": os.environ.get("OIDC_NAME", "your organisation"),
        "client_id": os.environ["OIDC_CLIENT_ID"],
        "secret": os.environ["OIDC_CLIENT_SECRET"],
        "settings": {"server_url": server_url, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [provider]}}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    # TLS is what proves that a token is the provider's: its signature is not checked again.
    if not parts.netloc or (parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1")):
        raise ImproperlyConfigured("OIDC_SERVER_URL is an address such as https://id.example.org/realms/lab.")
    return f"{parts.scheme}://{parts.netloc}"


SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
FORM_TARGETS: list[str] = []  # other sites that the answer to a form may send a browser to
if server_url := os.environ.get("OIDC_SERVER_URL"):
    SOCIALACCOUNT_PROVIDERS = _oidc_providers(server_url)
    FORM_TARGETS = [_origin(server_url), *os.environ.get("OIDC_OTHER_ORIGINS", "").split()]

# E-mail: requests queue it (accounts.mail), a worker delivers it by one of these
EMAIL_BACKEND = "microdb.accounts.mail.QueuedEmailBackend"
MAIL_DELIVERY_BACKEND = "django.core.mail.backends.console.EmailBackend"
EMAIL_TIMEOUT = 10
EMAIL_SUBJECT_PREFIX = ACCOUNT_EMAIL_SUBJECT_PREFIX
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = "localhost", 25, "", ""
EMAIL_USE_TLS = EMAIL_USE_SSL = False
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("EMAIL_FROM", "MicroDB <microdb@localhost>")
SMTP_SCHEMES = {"smtp": 25, "smtp+tls": 587, "smtps": 465}

if email_url := os.environ.get("EMAIL_URL"):
    _parts = urlsplit(email_url)
    if _parts.scheme not in SMTP_SCHEMES or not _parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL is smtp+tls://user:password@host:587, smtps://... or smtp://...")
    if "EMAIL_FROM" not in os.environ:
        raise ImproperlyConfigured("Set EMAIL_FROM, the address that e-mails come from, beside EMAIL_URL.")
    MAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _parts.hostname, _parts.port or SMTP_SCHEMES[_parts.scheme]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_parts.username or ""), unquote(_parts.password or "")
    EMAIL_USE_TLS, EMAIL_USE_SSL = _parts.scheme == "smtp+tls", _parts.scheme == "smtps"
