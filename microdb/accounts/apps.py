"""The room of accounts, and what it does when allauth reports a sign-in or a sign-up."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "microdb.accounts"

    def ready(self) -> None:
        from allauth.account import signals  # models are loaded by now

        from microdb.accounts.lockout import remember_browser
        from microdb.accounts.services import demand_verification
        from microdb.accounts.tracked import track_accounts

        track_accounts()
        signals.user_logged_in.connect(remember_browser, dispatch_uid="remember the browser")
        signals.user_signed_up.connect(demand_verification, dispatch_uid="demand a verified address")
