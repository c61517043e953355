from django.apps import AppConfig


class MicrographsConfig(AppConfig):
    name = "microdb.micrographs"
