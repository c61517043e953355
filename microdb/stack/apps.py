"""Makes the `quickstart` command known to Django."""

from django.apps import AppConfig


class StackConfig(AppConfig):
    name = "microdb.stack"
    label = "stack"
