from typing import Any
from uuid import UUID

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "microdb.scoring"

    def ready(self) -> None:
        from microdb.micrographs.gallery import predictions as gallery  # models can be imported from here on
        from microdb.micrographs.models import reading_ended
        from microdb.scoring import predictions

        gallery.register(gallery.Predictions(predictions.matching, predictions.shown))
        reading_ended.connect(_go_on, dispatch_uid="score what was read")


def _go_on(sender: object, micrograph_id: UUID, **_: Any) -> None:
    from microdb.scoring.tasks import score_what_was_read

    score_what_was_read(micrograph_id)
