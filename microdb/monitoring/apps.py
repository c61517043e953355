"""Connects what is watched to the events of Celery and of the jobs."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "microdb.monitoring"

    def ready(self) -> None:
        from microdb.monitoring import heartbeats, messages
        from microdb.monitoring.metrics import job_counts

        messages.connect()
        heartbeats.connect()
        job_counts.connect()
