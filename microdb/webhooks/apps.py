from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "microdb.webhooks"
    default_auto_field = "django.db.models.BigAutoField"
