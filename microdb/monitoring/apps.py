"""Connects what is watched to the events of Celery and of the jobs."""

from django.apps import AppConfig
from django.conf import settings


class MonitoringConfig(AppConfig):
    name = "microdb.monitoring"

    def ready(self) -> None:
        from microdb import heartbeats
        from microdb.monitoring import messages
        from microdb.monitoring.metrics import job_counts

        messages.connect()
        heartbeats.connect()
        job_counts.connect()
        if settings.SENTRY_DSN:
            from microdb.monitoring.sentry import start_sentry  # only here: the library costs each process its start

            start_sentry(settings.SENTRY_DSN)
