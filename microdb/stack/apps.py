from django.apps import AppConfig


class StackConfig(AppConfig):
    name = "microdb.stack"
