from typing import Any

from django.apps import AppConfig
from django.db.models.signals import pre_delete


class MicrographsConfig(AppConfig):
    name = "microdb.micrographs"

    def ready(self) -> None:
        from microdb.micrographs.tracked import track_datasets  # which needs the models

        track_datasets()
        pre_delete.connect(_keep_owners, sender="accounts.User", dispatch_uid="keep an owner")


def _keep_owners(sender: object, instance: Any, **_: Any) -> None:
    from microdb.micrographs.services import refuse_to_delete_an_only_owner  # its models are loaded by now

    refuse_to_delete_an_only_owner(user=instance)
