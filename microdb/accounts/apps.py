from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "microdb.accounts"

    def ready(self) -> None:
        from microdb.accounts.tracked import track_accounts  # which needs the models

        track_accounts()
