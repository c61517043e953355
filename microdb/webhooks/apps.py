from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "microdb.webhooks"

    def ready(self) -> None:
        from microdb.webhooks.tracked import track_webhooks  # models are loaded by now

        track_webhooks()
