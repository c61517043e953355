from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SimilarConfig(AppConfig):
    name = "microdb.similar"

    def ready(self) -> None:
        from microdb.jobs import job_ended
        from microdb.scoring.models import Score

        job_ended.connect(_keep_descriptor, sender=Score, dispatch_uid="descriptors of scores")
        post_migrate.connect(_enable_pgvector, sender=self, dispatch_uid="pgvector")


def _keep_descriptor(sender: object, job: Any, **_: Any) -> None:
    from microdb.similar.services import keep_descriptor

    keep_descriptor(score=job)


def _enable_pgvector(sender: object, using: str, **_: Any) -> None:
    from microdb.similar.ranking.pgvector import enable

    enable(using)
